import Foundation
import Postgres
import Records

/// The steps that carry the sequences over: capture reads their values on the origin, apply sets them on the
/// destination. The record has the values between the two.
struct SequenceTransfer {
    let context: RoleContext
    let side: Side
    let open: OpenCutover

    /// Reads the sequences that a cutover carries over, and the names of the others.
    static func values(_ context: RoleContext, _ connection: borrowing PostgresConnection) throws -> (
        carried: [SequenceValue], left: [QualifiedName]
    ) {
        let record = try context.record()
        let choice = SequenceChoice(
            try connection.sequences(
                ofTables: try ComparedTables.all(context).map(\.name), inSchemas: record.schemas),
            tablesAreNamed: !record.tableGlobs.isEmpty)
        var carried: [SequenceValue] = []
        for sequence in choice.carried { carried.append(try connection.state(of: sequence)) }
        return (carried, choice.left)
    }

    func read() throws -> String {
        let connection = try context.connect(side, as: "cutover")
        // The start time comes first: if the server crashes later, the sequences are read again.
        let startedAt = try connection.startedAt()
        let (values, left) = try Self.values(context, connection)
        let json = String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
        try open.change {
            $0.sequencesJSON = json
            $0.originStartedAt = startedAt
        }
        guard !left.isEmpty else { return counted(values.count, "sequence") }
        context.log(
            .info, "cutover",
            "sequences of the \(side.rawValue) that no migrated table uses are not carried over: "
                + left.map(\.description).joined(separator: ", "))
        return
            "\(counted(values.count, "sequence")); \(left.count) not carried over, because no migrated table "
            + "uses them"
    }

    /// Demands that the sequences are read again if the server was restarted: after a crash they continue up
    /// to 32 values beyond those that were read. Returns whether it was restarted.
    func readAgainAfterRestart(_ cutover: Cutover, _ connection: borrowing PostgresConnection) throws -> Bool
    {
        guard let before = cutover.originStartedAt, let now = try connection.startedAt(), now != before
        else { return false }
        try open.change { cutover, transaction in
            cutover.readSequencesAgain()
            try transaction.log(
                .info, "cutover",
                "the \(side.rawValue) was restarted after its sequences were read; they are read again")
        }
        return true
    }

    /// Sets the sequences that are behind the origin's. Returns how many were set, kept, and not there.
    func set(_ cutover: Cutover) throws -> String {
        let connection = try context.connect(side, as: "cutover")
        let values = try JSONDecoder().decode(
            [SequenceValue].self, from: Data((cutover.sequencesJSON ?? "[]").utf8))
        let here = try connection.sequences(
            ofTables: try ComparedTables.all(context).map(\.name), inSchemas: try context.record().schemas)
        let matching = SequenceMatching(
            origin: values.map { Self.definition(of: $0, here) }, destination: here)
        if let lack = matching.unmatched.first(where: \.generates), let column = lack.column {
            throw RequestRefused(
                "no sequence on the \(side.rawValue) gives \(column) its values, as \(lack.sequence) does on "
                    + "the other side; make one, then initiate the cutover again")
        }
        let byName = Dictionary(grouping: values, by: \.name)
        var counts = (set: 0, kept: 0)
        for pair in matching.pairs {
            let origins = pair.origins.flatMap { byName[$0] ?? [] }
            let present = try connection.state(of: pair.destination)
            switch SequenceSetting(origins, at: present) {
            case .set(let value, let goesBack):
                if goesBack {
                    context.log(
                        .warning, "cutover",
                        "sequence \(value.name) on the \(side.rawValue) cycles; it is set back from "
                            + "\(present.lastValue) to \(value.lastValue), the value on the other side")
                }
                if try connection.setSequence(value) { counts.set += 1 }
            case .keep(let isFurther):
                guard isFurther else {
                    counts.set += 1
                    continue
                }
                counts.kept += 1
                context.log(
                    .info, "cutover",
                    "sequence \(present.name) on the \(side.rawValue) stays at \(present.lastValue), beyond "
                        + origins.map { "\($0.lastValue)" }.joined(separator: ", ") + " on the other side")
            case .refused(let cause, let remedy):
                throw RequestRefused(
                    "sequence \(present.name) on the \(side.rawValue) cannot be set: \(cause); \(remedy)")
            }
        }
        let missing = matching.unmatched.map(\.sequence.description)
        if !missing.isEmpty {
            context.log(
                .warning, "cutover",
                "sequences that \(side.rawValue) does not have were not set: "
                    + "\(missing.joined(separator: ", "))"
            )
        }
        return "\(counts.set) set"
            + (counts.kept == 0 ? "" : ", \(counts.kept) kept, beyond the origin's already")
            + (missing.isEmpty ? "" : ", \(missing.count) not there")
    }

    /// The definition of a sequence of the origin. Earlier versions read none, and matched sequences by name.
    private static func definition(of value: SequenceValue, _ here: [SequenceDefinition])
        -> SequenceDefinition
    {
        if let definition = value.definition { return definition }
        let namesake = here.first { $0.name == value.name }
        return SequenceDefinition(name: value.name, increment: namesake?.increment ?? 1)
    }
}
