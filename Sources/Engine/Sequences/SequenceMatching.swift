import Postgres
import Records

/// Which sequences of the destination stand for which of the origin. The column that takes its values from a sequence, or
/// owns it, decides: a serial column's sequence keeps its old name when the table is renamed, and an identity column's has
/// another one from the start. A value; it asks nothing.
struct SequenceMatching: Sendable, Equatable {
    /// A sequence of the destination, with all of the origin that it stands for.
    struct Pair: Sendable, Equatable {
        let destination: SequenceDefinition
        var origins: [QualifiedName]
    }

    /// A sequence of the origin that nothing on the destination stands for.
    struct Unmatched: Sendable, Equatable {
        let sequence: QualifiedName
        /// Nil for a sequence that no column uses.
        let column: SequenceColumn?
        /// Whether the column takes its values from it: then inserts on the destination would collide, or lack a value.
        let generates: Bool
    }

    private(set) var pairs: [Pair] = []
    private(set) var unmatched: [Unmatched] = []
    /// Sequences that only the destination's columns take values from.
    let onlyThere: [SequenceDefinition]

    init(origin: [SequenceDefinition], destination: [SequenceDefinition]) {
        var generating: [SequenceColumn: [Int]] = [:]
        var owning: [SequenceColumn: [Int]] = [:]
        var named: [QualifiedName: Int] = [:]
        for (index, sequence) in destination.enumerated() {
            named[sequence.name] = index
            for column in sequence.generates { generating[column, default: []].append(index) }
            for column in sequence.owners { owning[column, default: []].append(index) }
        }
        var origins: [Int: [QualifiedName]] = [:]
        var unmatched: [Unmatched] = []
        func match(
            _ sequence: SequenceDefinition, _ places: [Int], _ column: SequenceColumn?, _ generates: Bool
        ) {
            if places.isEmpty {
                unmatched.append(
                    Unmatched(sequence: sequence.name, column: column, generates: generates))
            }
            for place in places where origins[place]?.contains(sequence.name) != true {
                origins[place, default: []].append(sequence.name)
            }
        }
        for sequence in origin {
            // The application, or a default that the catalog cannot follow, calls it by its name.
            let namesake = named[sequence.name].map { [$0] } ?? []
            let free = namesake.filter { !destination[$0].isUsed }
            for column in sequence.generates {
                match(sequence, generating[column] ?? owning[column] ?? free, column, true)
            }
            for column in sequence.owners {
                let places = namesake.isEmpty ? owning[column] ?? generating[column] ?? [] : namesake
                match(sequence, places, column, false)
            }
            if !sequence.servesMigratedTable { match(sequence, namesake, nil, false) }
        }
        self.unmatched = unmatched
        pairs = origins.keys.sorted().map { Pair(destination: destination[$0], origins: origins[$0] ?? []) }
        onlyThere = destination.indices.filter { origins[$0] == nil && !destination[$0].generates.isEmpty }
            .map { destination[$0] }
    }
}
