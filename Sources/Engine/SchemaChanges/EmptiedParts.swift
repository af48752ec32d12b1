import Journal
import Postgres
import Records

/// Tells a partition that was emptied by a TRUNCATE of its own, of which the stream says nothing, from one that was emptied with
/// its root and from one that was rewritten with its rows, by VACUUM FULL, CLUSTER or ALTER TABLE.
///
/// A file with rows of before the last look was rewritten. Otherwise, once the stream has come past the look, the truncates it
/// has told of decide.
struct EmptiedParts {
    struct Part: Equatable {
        let root: QualifiedName
        let now: OriginCatalog.Part
        /// One transaction has made, or changed last, all partitions of the root.
        let isWithAll: Bool
        let lookLSN: LSN
        /// Truncates of the root that had been told of when its file was last as ever.
        let truncates: Int
    }

    private let leg: Leg
    /// Those of which it is not yet known whether the stream tells of them.
    private(set) var waiting: [Part] = []
    /// What the stream had told of before the last look; nil before the first.
    private var toldBefore: ToldTruncates?
    /// A transaction below it had ended when all files were last known.
    private var knownBelow: UInt32?

    init(_ leg: Leg) { self.leg = leg }

    private var key: String { "origin_oldest_transaction_\(leg.number)" }

    mutating func read(_ journal: Journal) throws {
        knownBelow = try journal.document([UInt32].self, key: key)?.first
    }

    /// All files that were seen at a look are known.
    ///
    /// - Parameter oldest: the oldest transaction that ran before that look
    mutating func keep(_ oldest: UInt32, in journal: Journal) throws {
        guard oldest != knownBelow else { return }
        try journal.update([UInt32].self, key: key, initial: []) { $0 = [oldest] }
        knownBelow = oldest
    }

    /// Takes in the partitions whose file is another one, and returns those that were rewritten with their rows.
    ///
    /// - Parameters:
    ///   - seen: what the look has seen
    ///   - lsn: the end of the origin's log behind the look
    ///   - truncates: what the stream had told of before the look
    mutating func look(
        _ connection: borrowing PostgresConnection, _ changes: [CatalogChange], seen: OriginCatalog,
        at lsn: LSN, truncates: ToldTruncates
    ) throws -> [QualifiedName] {
        let told = toldBefore ?? truncates
        toldBefore = truncates
        var rewritten: [QualifiedName] = []
        var found: [Part] = []
        var rewrittenRoots: Set<QualifiedName> = []
        for case .partRewritten(let root, let name) in changes {
            guard let now = seen.part(name, of: root),
                !waiting.contains(where: { $0.root == root && $0.now == now })
            else { continue }
            if let knownBelow, try connection.isRewritten(name, rowsBelow: knownBelow) {
                rewritten.append(name)
                rewrittenRoots.insert(root)
            } else {
                found.append(
                    Part(
                        root: root, now: now, isWithAll: seen.isOfOneTransaction(root), lookLSN: lsn,
                        truncates: told[root].count))
            }
        }
        // One that had no rows is rewritten with the others of its root.
        let isRewritten = { (part: Part) in part.isWithAll && rewrittenRoots.contains(part.root) }
        waiting += found.filter { !isRewritten($0) }
        return rewritten + found.filter(isRewritten).map(\.now.name)
    }

    /// Those of which it is known by now, with whether the stream has told of it.
    mutating func settled(by truncates: ToldTruncates, received: LSN) -> [(part: Part, isTold: Bool)] {
        let past = waiting.filter { received >= $0.lookLSN }
        waiting.removeAll { received >= $0.lookLSN }
        return past.map { part in
            let isTold = truncates[part.root].tells(
                of: part.now.transaction, isWithAll: part.isWithAll, since: part.truncates)
            return (part, isTold)
        }
    }
}
