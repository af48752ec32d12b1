import Foundation
import Records

/// The steps that carry the sequences over: capture reads their values on the origin, apply sets them on the
/// destination. The record has the values between the two.
struct SequenceTransfer {
    let context: RoleContext
    let side: Side
    let open: OpenCutover

    /// Returns the choice of the sequences that a cutover carries over.
    static func choice(_ context: RoleContext) throws -> ([SequenceDefinition]) -> SequenceChoice {
        let tablesAreNamed = try !context.record().tableGlobs.isEmpty
        return { SequenceChoice($0, tablesAreNamed: tablesAreNamed) }
    }

    func read(_ origin: any ReleasedOrigin) throws -> String {
        // The start time comes first: if the server crashes later, the sequences are read again.
        let startedAt = try origin.startedAt()
        let choice = try Self.choice(context)
        let found = try origin.sequences(ofTables: try ComparedTables.all(context).map(\.name)) {
            choice($0).carried
        }
        let (values, left) = (found.values, choice(found.definitions).left)
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
    func readAgainAfterRestart(_ cutover: Cutover, _ origin: any ReleasedOrigin) throws -> Bool {
        guard let before = cutover.originStartedAt, let now = try origin.startedAt(), now != before
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
    func set(_ cutover: Cutover, _ destination: any ReleasedDestination) throws -> String {
        let values = try JSONDecoder().decode(
            [SequenceValue].self, from: Data((cutover.sequencesJSON ?? "[]").utf8))
        func match(_ here: [SequenceDefinition]) -> SequenceMatching {
            SequenceMatching(origin: values.map { Self.definition(of: $0, here) }, destination: here)
        }
        let here = try destination.sequences(ofTables: try ComparedTables.all(context).map(\.name)) {
            let matching = match($0)
            return matching.unmatched.contains(where: \.generates) ? [] : matching.pairs.map(\.destination)
        }
        let matching = match(here.definitions)
        if let lack = matching.unmatched.first(where: \.generates), let column = lack.column {
            throw RequestRefused(
                "no sequence on the \(side.rawValue) gives \(column) its values, as \(lack.sequence) does on "
                    + "the other side; make one, then initiate the cutover again")
        }
        let decided = try decide(matching, values, here.values)
        let count = try destination.setSequences(decided.set) + decided.equal
        let missing = matching.unmatched.map(\.sequence.description)
        if !missing.isEmpty {
            context.log(
                .warning, "cutover",
                "sequences that \(side.rawValue) does not have were not set: "
                    + "\(missing.joined(separator: ", "))"
            )
        }
        return "\(count) set"
            + (decided.kept == 0 ? "" : ", \(decided.kept) kept, beyond the origin's already")
            + (missing.isEmpty ? "" : ", \(missing.count) not there")
    }

    /// Throws if a sequence of the destination is behind the origin's: it would give values that rows have.
    /// They were set before, so somebody else has set one back.
    func check(_ cutover: Cutover, _ destination: any ReleasedDestination) throws {
        let values = try JSONDecoder().decode(
            [SequenceValue].self, from: Data((cutover.sequencesJSON ?? "[]").utf8))
        var matching: SequenceMatching?
        let here = try destination.sequences(ofTables: try ComparedTables.all(context).map(\.name)) { here in
            let found = SequenceMatching(
                origin: values.map { Self.definition(of: $0, here) }, destination: here)
            matching = found
            return found.pairs.map(\.destination)
        }
        let byName = Dictionary(grouping: values, by: \.name)
        let presentByName = Dictionary(here.values.map { ($0.name, $0) }) { first, _ in first }
        let behind = (matching?.pairs ?? []).compactMap { pair -> String? in
            guard let present = presentByName[pair.destination.name],
                case .set(let wanted, _) = SequenceSetting(
                    pair.origins.flatMap { byName[$0] ?? [] }, at: present),
                (wanted.lastValue, wanted.isCalled) != (present.lastValue, present.isCalled)
            else { return nil }
            return "\(present.name) is at \(present.lastValue) and has to be at \(wanted.lastValue)"
        }
        guard behind.isEmpty else {
            throw RequestRefused(
                "\(counted(behind.count, "sequence")) of the \(side.rawValue) differ from the other side's: "
                    + "\(behind.listed(max: 5)); see who sets them, then initiate the cutover again")
        }
    }

    /// What happens to the sequences of the destination.
    private struct Decided {
        /// The states to set.
        var set: [SequenceValue] = []
        /// Number of those that have the origin's state already.
        var equal = 0
        /// Number of those that are beyond it.
        var kept = 0
    }

    /// Decides about each sequence, and logs what is unusual.
    private func decide(
        _ matching: SequenceMatching, _ values: [SequenceValue], _ present: [SequenceValue]
    ) throws -> Decided {
        let byName = Dictionary(grouping: values, by: \.name)
        var decided = Decided()
        let presentByName = Dictionary(present.map { ($0.name, $0) }) { first, _ in first }
        for pair in matching.pairs {
            guard let present = presentByName[pair.destination.name] else {
                throw RequestRefused(
                    "sequence \(pair.destination.name) on the \(side.rawValue) is gone since it was listed; "
                        + "see who removed it, then initiate the cutover again")
            }
            let origins = pair.origins.flatMap { byName[$0] ?? [] }
            switch SequenceSetting(origins, at: present) {
            case .set(let value, let goesBack):
                if goesBack {
                    context.log(
                        .warning, "cutover",
                        "sequence \(value.name) on the \(side.rawValue) cycles; it is set back from "
                            + "\(present.lastValue) to \(value.lastValue), the value on the other side")
                }
                decided.set.append(value)
            case .keep(isFurther: false): decided.equal += 1
            case .keep(isFurther: true):
                decided.kept += 1
                context.log(
                    .info, "cutover",
                    "sequence \(present.name) on the \(side.rawValue) stays at \(present.lastValue), beyond "
                        + origins.map { "\($0.lastValue)" }.joined(separator: ", ") + " on the other side")
            case .refused(let cause, let remedy):
                throw RequestRefused(
                    "sequence \(present.name) on the \(side.rawValue) cannot be set: \(cause); \(remedy)")
            }
        }
        return decided
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
