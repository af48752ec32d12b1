import Journal
import Records

/// The truncates of each table that a leg's stream has sent, as they are stored in the journal.
///
/// The stream does not send a truncate of a single partition. A partition with a new, empty file that no
/// truncate of its root explains was emptied by one.
struct ReceivedTruncates: Sendable, Equatable, Codable {
    /// The received truncates of one table.
    struct Table: Sendable, Equatable, Codable {
        /// Number of transactions with a truncate of the table.
        fileprivate(set) var count = 0
        /// The origin's IDs of the last ones, at most `transactionsMax`.
        fileprivate(set) var transactions: [UInt32] = []

        /// Whether a truncate of the root explains a partition's new, empty file.
        ///
        /// - Parameters:
        ///   - transaction: the one that created the file. A truncate behind a savepoint has an ID of its
        ///     own, which the stream does not send
        ///   - isWithAll: whether the same transaction gave new files to all partitions, as a truncate of the
        ///     root does
        ///   - count: the value of `count` before the file could exist
        func explainsNewFile(by transaction: UInt32?, isWithAll: Bool, since count: Int) -> Bool {
            guard let transaction else { return self.count > count }
            return transactions.contains(transaction) || (isWithAll && self.count > count)
        }
    }

    private var tables: [QualifiedName: Table] = [:]

    /// Maximum of transactions whose IDs are kept between two checks of the catalog. With more, the first IDs
    /// are dropped.
    static let transactionsMax = 64

    subscript(table: QualifiedName) -> Table { tables[table] ?? Table() }

    mutating func add(_ table: QualifiedName, in transaction: UInt32) {
        var known = self[table]
        // Counted once, even if the server sends it again or the transaction truncates the table twice.
        guard !known.transactions.contains(transaction) else { return }
        known.count += 1
        known.transactions = known.transactions.suffix(Self.transactionsMax - 1) + [transaction]
        tables[table] = known
    }

    // MARK: In the journal

    private static func key(_ leg: Leg) -> String { "told_truncates_\(leg.number)" }

    static func read(_ journal: Journal, _ leg: Leg) throws -> ReceivedTruncates {
        try journal.document(Self.self, key: key(leg)) ?? ReceivedTruncates()
    }

    func store(in journal: Journal, _ leg: Leg) throws {
        try journal.update(Self.self, key: Self.key(leg), initial: self) { $0 = self }
    }
}
