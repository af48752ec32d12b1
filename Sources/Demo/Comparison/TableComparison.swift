import Records

/// How many rows a table holds and the sum of their hashes, which no order of the rows changes.
package struct TableDigest: Sendable, Equatable {
    package let rows: Int64
    package let checksum: String
}

/// One table as it is on both sides; a side where it is missing has none.
package struct TableComparison: Sendable, Equatable {
    package let table: QualifiedName
    package let source: TableDigest?
    package let target: TableDigest?

    package var isEqual: Bool { source != nil && source == target }

    /// One sentence on what differs, nil where nothing does.
    package var difference: String? {
        switch (source, target) {
        case (nil, nil): "\(table) is on neither side"
        case (nil, _): "\(table) is missing on the source"
        case (_, nil): "\(table) is missing on the target"
        case (let source?, let target?) where source.rows != target.rows:
            "\(table) has \(source.rows) rows on the source and \(target.rows) on the target"
        case (let source?, let target?):
            source == target ? nil : "\(table) has \(source.rows) rows on both sides, but not the same"
        }
    }
}

/// One sequence as it is on both sides: what its next value would be.
package struct SequenceComparison: Sendable, Equatable {
    package let sequence: QualifiedName
    package let increment: Int64
    package let sourceNext: Int64?
    package let targetNext: Int64?

    /// Whether the side the application goes to would hand out a value the other side has not handed out yet.
    package func isReady(for side: Side) -> Bool {
        guard let sourceNext, let targetNext else { return false }
        let (ahead, behind) = side == .target ? (targetNext, sourceNext) : (sourceNext, targetNext)
        return increment > 0 ? ahead >= behind : ahead <= behind
    }
}

/// Everything compared at one moment at which nobody writes.
package struct DatabaseComparison: Sendable, Equatable {
    package let tables: [TableComparison]
    package let sequences: [SequenceComparison]

    /// Each difference as a sentence; empty where the side is ready to be written to.
    package func differences(readyFor side: Side) -> [String] {
        tables.compactMap(\.difference)
            + sequences.filter { !$0.isReady(for: side) }.map {
                "the sequence \($0.sequence) goes on at \(Self.text($0.sourceNext)) on the source and at "
                    + "\(Self.text($0.targetNext)) on the target"
            }
    }

    package var rows: Int64 { tables.reduce(0) { $0 + ($1.source?.rows ?? 0) } }

    private static func text(_ value: Int64?) -> String { value.map(String.init) ?? "nothing" }
}
