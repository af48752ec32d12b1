import Foundation
import Postgres
import Records

/// The values of the sequences, read from the origin by one role and set on the destination by the other; between the two
/// they are in the record.
struct SequenceTransfer {
    let context: RoleContext
    let side: Side
    let open: OpenCutover

    func read() throws -> String {
        let connection = try context.connect(side, as: "cutover")
        let values = try connection.sequences(inSchemas: try context.record().schemas)
        let json = String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
        try open.change { $0.sequencesJSON = json }
        return "\(values.count) sequences"
    }

    /// Sets those that are there, and says which are not.
    func set(_ cutover: Cutover) throws -> String {
        let connection = try context.connect(side, as: "cutover")
        let values = try JSONDecoder().decode(
            [SequenceValue].self, from: Data((cutover.sequencesJSON ?? "[]").utf8))
        var missing: [String] = []
        for value in values where try !connection.setSequence(value) {
            missing.append(value.name.description)
        }
        if !missing.isEmpty {
            context.log(
                .warning, "cutover",
                "sequences that \(side.rawValue) does not have were not set: \(missing.joined(separator: ", "))"
            )
        }
        return "\(values.count - missing.count) set" + (missing.isEmpty ? "" : ", \(missing.count) not there")
    }
}
