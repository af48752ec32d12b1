import Records

/// The number of rows of a table and the sum of their hashes, which does not depend on the order of the rows.
package struct TableDigest: Sendable, Equatable {
    package let rows: Int64
    package let checksum: String
}

/// The contents of one table on both sides; nil for a side that does not have it.
package struct TableComparison: Sendable, Equatable {
    package let table: QualifiedName
    package let source: TableDigest?
    package let target: TableDigest?

    package var isEqual: Bool { source != nil && source == target }

    /// The difference as a sentence, nil if there is none.
    package var difference: String? {
        switch (source, target) {
        case (nil, nil): "\(table) is on neither side"
        case (nil, _): "\(table) is missing on the source"
        case (_, nil): "\(table) is missing on the target"
        case (let source?, let target?) where source.rows != target.rows:
            "\(table) has \(source.rows) rows on the source and \(target.rows) on the target"
        case (let source?, let target?):
            source == target ? nil : "\(table) has \(source.rows) rows on both sides, but different ones"
        }
    }
}

/// The next value of one sequence on both sides.
package struct SequenceComparison: Sendable, Equatable {
    package let sequence: QualifiedName
    package let increment: Int64
    package let sourceNext: Int64?
    package let targetNext: Int64?

    /// Whether the application's new side returns only values that the other side has not returned yet.
    package func isReady(for side: Side) -> Bool {
        guard let sourceNext, let targetNext else { return false }
        let (ahead, behind) = side == .target ? (targetNext, sourceNext) : (sourceNext, targetNext)
        return increment > 0 ? ahead >= behind : ahead <= behind
    }
}

/// The result of comparing both databases while nobody writes.
package struct DatabaseComparison: Sendable, Equatable {
    package let tables: [TableComparison]
    package let sequences: [SequenceComparison]

    /// Returns the differences as sentences; empty if the side may be written to.
    package func differences(readyFor side: Side) -> [String] {
        tables.compactMap(\.difference)
            + sequences.filter { !$0.isReady(for: side) }.map {
                "the sequence \($0.sequence) continues at \(Self.text($0.sourceNext)) on the source and at "
                    + "\(Self.text($0.targetNext)) on the target"
            }
    }

    package var rows: Int64 { tables.reduce(0) { $0 + ($1.source?.rows ?? 0) } }

    private static func text(_ value: Int64?) -> String { value.map(String.init) ?? "nothing" }
}
