import Records

/// A sequence of the origin that is behind its counterpart on the destination: it would give values that rows
/// have already.
package struct SequenceDifference: Sendable, Codable, Equatable, CustomStringConvertible {
    package let name: QualifiedName
    package let value: Int64
    /// The value of the counterpart.
    package let wanted: Int64

    package init(name: QualifiedName, value: Int64, wanted: Int64) {
        self.name = name
        self.value = value
        self.wanted = wanted
    }

    package var description: String { "sequence \(name) is at \(value), behind \(wanted)" }
}

/// The comparison of the sequences of both sides while changes stream.
///
/// A stream carries no sequences: before the first cutover those of the target are behind, as they should be.
/// A cutover sets those of the side that the application moves to. From then on none of that side may be
/// behind the other side's, which stay where they were.
struct SequenceComparison {
    let context: RoleContext
    let leg: Leg

    func differences() throws -> [SequenceDifference] {
        guard leg.number > 1 else { return [] }
        let tables = try ComparedTables.all(context).map(\.name)
        let choice = try SequenceTransfer.choice(context)
        let there = try context.destination(of: leg).sequences(ofTables: tables) { choice($0).carried }
        var matching: SequenceMatching?
        let here = try context.origin(of: leg).sequences(ofTables: tables) { here in
            let found = SequenceMatching(origin: there.values.compactMap(\.definition), destination: here)
            matching = found
            return found.pairs.map(\.destination)
        }
        let others = Dictionary(grouping: there.values, by: \.name)
        let own = Dictionary(here.values.map { ($0.name, $0) }) { first, _ in first }
        return (matching?.pairs ?? []).compactMap { pair in
            let origins = pair.origins.flatMap { others[$0] ?? [] }
            // A lower value of a sequence that cycles is not an earlier one.
            guard let present = own[pair.destination.name], present.definition?.cycles != true,
                case .set(let wanted, _) = SequenceSetting(origins, at: present)
            else { return nil }
            return SequenceDifference(
                name: present.name, value: present.lastValue, wanted: wanted.lastValue)
        }
    }
}
