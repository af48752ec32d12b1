import Foundation
import Records

@testable import Engine

extension MigrationRecord {
    /// Puts a record into a phase, for a test that begins there. It goes by the stored form: in the program
    /// only the machine moves the phase.
    mutating func begin(in phase: Phase) throws {
        let stored = try JSONSerialization.jsonObject(with: JSONEncoder().encode(self))
        guard var fields = stored as? [String: Any] else { throw CocoaError(.coderReadCorrupt) }
        fields["phase"] = phase.rawValue
        self = try JSONDecoder().decode(
            MigrationRecord.self, from: JSONSerialization.data(withJSONObject: fields))
    }

    /// A migration in a phase, with both databases known, and an open cutover in the phases of one.
    static func example(in phase: Phase) throws -> MigrationRecord {
        var record = MigrationRecord(uuid: "11111111-2222-3333-4444-555555555555", createdAt: 1)
        record.sourceIsKnown = true
        record.targetIsKnown = true
        switch phase {
        case .cutoverToTarget: record.cutovers = [.example(CutoverOptions(to: .target))]
        case .cutoverToSource: record.cutovers = [.example(CutoverOptions(to: .source))]
        case .prepare, .schema, .snapshot, .streaming, .fallBack, .complete, .ended: break
        }
        try record.begin(in: phase)
        return record
    }
}

extension Cutover {
    static func example(_ options: CutoverOptions) -> Cutover {
        Cutover(token: "tok", options: options, requestedAt: 1, requestedBy: "me")
    }
}
