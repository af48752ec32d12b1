import Records

/// The match between sequences of the destination and of the origin. It is decided by the column that takes
/// its values from a sequence or owns it, because names differ: a serial column's sequence keeps its old name
/// when the table is renamed, and an identity column's has another name from the start. A value without I/O.
struct SequenceMatching: Sendable, Equatable {
    /// A sequence of the destination, with all sequences of the origin that match it.
    struct Pair: Sendable, Equatable {
        let destination: SequenceDefinition
        var origins: [QualifiedName]
    }

    /// A sequence of the origin without a match on the destination.
    struct Unmatched: Sendable, Equatable {
        let sequence: QualifiedName
        /// Nil for a sequence that no column uses.
        let column: SequenceColumn?
        /// Whether the column takes its values from it. If so, inserts on the destination would collide, or
        /// lack a value.
        let generates: Bool
    }

    private(set) var pairs: [Pair] = []
    private(set) var unmatched: [Unmatched] = []
    /// Sequences that give values to columns on the destination only.
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
            // The application may call it by name, and so may a default whose sequence the catalog does not
            // record.
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
