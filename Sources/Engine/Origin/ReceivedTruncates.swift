import Journal
import Records

/// Truncates of each table that the stream of a leg has told of, so that one it does not tell of, of a single partition, is
/// known by what it is not.
struct ReceivedTruncates: Sendable, Equatable, Codable {
    struct Table: Sendable, Equatable, Codable {
        /// How many transactions had one.
        fileprivate(set) var count = 0
        /// The origin's numbers of the last transactions they were in, at most `transactionsMax` of them.
        fileprivate(set) var transactions: [UInt32] = []

        /// Whether a partition's new, empty file is of a truncate that was told of its root.
        ///
        /// - Parameters:
        ///   - transaction: the one that made the file; of a truncate behind a savepoint that is a number of its own, which
        ///     the stream does not tell
        ///   - isWithAll: all partitions of the root have new files by it, as a truncate of the root gives them
        ///   - count: as many were told before the file could be there
        func explainsNewFile(by transaction: UInt32?, isWithAll: Bool, since count: Int) -> Bool {
            guard let transaction else { return self.count > count }
            return transactions.contains(transaction) || (isWithAll && self.count > count)
        }
    }

    private var tables: [QualifiedName: Table] = [:]

    /// So many are told apart between two looks at the catalog; with more of them the numbers of the first are forgotten.
    static let transactionsMax = 64

    subscript(table: QualifiedName) -> Table { tables[table] ?? Table() }

    mutating func add(_ table: QualifiedName, in transaction: UInt32) {
        var told = self[table]
        // One that the server sends again, or that truncates the table twice, is one.
        guard !told.transactions.contains(transaction) else { return }
        told.count += 1
        told.transactions = told.transactions.suffix(Self.transactionsMax - 1) + [transaction]
        tables[table] = told
    }

    // MARK: In the journal

    private static func key(_ leg: Leg) -> String { "told_truncates_\(leg.number)" }

    static func read(_ journal: Journal, _ leg: Leg) throws -> ReceivedTruncates {
        try journal.document(Self.self, key: key(leg)) ?? ReceivedTruncates()
    }

    func keep(in journal: Journal, _ leg: Leg) throws {
        try journal.update(Self.self, key: Self.key(leg), initial: self) { $0 = self }
    }
}
