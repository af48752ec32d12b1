import Journal
import Postgres
import Records

/// Tells a partition that was emptied by a TRUNCATE of its own, of which the stream says nothing, from one that was emptied with
/// its root and from one that was rewritten with its rows, by VACUUM FULL, CLUSTER or ALTER TABLE.
///
/// A file with rows of before the last look was rewritten. Otherwise, once the stream has come past the look, the truncates it
/// has told of decide.
struct EmptiedPartitions {
    struct Part: Equatable {
        let root: QualifiedName
        let now: OriginCatalog.Part
        /// All partitions of the root have new files, by one transaction.
        let isWithAll: Bool
        let lookLSN: LSN
        /// Truncates of the root that had been told of when its file was last as ever.
        let truncates: Int
    }

    /// What a look came to.
    struct Finding {
        /// Rewritten with their rows.
        var rewritten: [QualifiedName] = []
        /// Their rows could not be looked at: they are asked for again.
        var unknown: [(root: QualifiedName, name: QualifiedName)] = []
        /// What is to be told of that, once.
        var failures: [String] = []
    }

    /// How things were when all files were known.
    private struct Known: Codable, Equatable {
        /// A transaction below it had ended.
        var oldest: UInt32
        var told: ReceivedTruncates
    }

    private let leg: Leg
    /// Those of which it is not yet known whether the stream tells of them.
    private(set) var waiting: [Part] = []
    private var known: Known?
    /// Roots of which it was told that a partition could not be looked at.
    private var failing: Set<QualifiedName> = []

    init(_ leg: Leg) { self.leg = leg }

    private var key: String { "origin_files_known_\(leg.number)" }

    mutating func read(_ journal: Journal) throws {
        known = try journal.document(Known.self, key: key)
    }

    /// All files that were seen at a look are known.
    ///
    /// - Parameters:
    ///   - oldest: the oldest transaction that ran before that look
    ///   - truncates: what the stream had told of before it
    mutating func keep(oldest: UInt32, _ truncates: ReceivedTruncates, in journal: Journal) throws {
        let now = Known(oldest: oldest, told: truncates)
        guard now != known else { return }
        try journal.update(Known.self, key: key, initial: now) { $0 = now }
        known = now
    }

    /// All files are known that a snapshot knows, and nothing was told yet; the first snapshot of the leg counts.
    static func begin(_ leg: Leg, oldest: UInt32, in journal: Journal) throws {
        let start = Known(oldest: oldest, told: ReceivedTruncates())
        try journal.update(Known.self, key: EmptiedPartitions(leg).key, initial: start) { _ in }
    }

    /// Takes in the partitions whose file is another one.
    ///
    /// - Parameters:
    ///   - seen: what the look has seen
    ///   - lsn: the end of the origin's log behind the look
    ///   - truncates: what the stream had told of before the look
    mutating func look(
        _ connection: borrowing PostgresConnection, _ changes: [CatalogChange], seen: OriginCatalog,
        at lsn: LSN, truncates: ReceivedTruncates
    ) throws -> Finding {
        var newFiles: [QualifiedName: [OriginCatalog.Part]] = [:]
        for change in changes {
            switch change {
            case .partRewritten(let root, let name):
                if let now = seen.part(name, of: root) { newFiles[root, default: []].append(now) }
            case .partGone(let root, let name):
                waiting.removeAll { $0.root == root && $0.now.name == name }
            case .newTable, .gone, .renamed, .madeAnew, .newPart, .partsNotStreamed, .partStreamedNow:
                break
            }
        }
        var finding = Finding()
        for (root, parts) in newFiles.sorted(by: { $0.key < $1.key }) {
            let fresh = parts.filter { part in !waiting.contains { $0.root == root && $0.now == part } }
            guard !fresh.isEmpty else { continue }
            let isWithAll = seen.areAll(parts, of: root)
            let files: [PartRows]
            do { files = try rows(connection, fresh) } catch {
                // A lock, or one that was dropped meanwhile.
                guard error.kind == .server else { throw error }
                finding.unknown += fresh.map { (root, $0.name) }
                if failing.insert(root).inserted { finding.failures.append("\(error)") }
                continue
            }
            failing.remove(root)
            // ALTER TABLE writes all rows of all partitions anew, as its own, and has changed a column of the root.
            let isAltered =
                try isWithAll && files.contains(.ofItsOwn)
                && connection.hasAltered(root, by: fresh[0].transaction)
            for (part, rows) in zip(fresh, files) {
                if isAltered || rows == .ofBefore {
                    finding.rewritten.append(part.name)
                } else {
                    waiting.append(
                        Part(
                            root: root, now: part, isWithAll: isWithAll && parts.count > 1, lookLSN: lsn,
                            truncates: (known?.told ?? truncates)[root].count))
                }
            }
        }
        return finding
    }

    /// What is known of the rows of each.
    private func rows(_ connection: borrowing PostgresConnection, _ parts: [OriginCatalog.Part])
        throws(PostgresError) -> [PartRows]
    {
        try parts.map { part throws(PostgresError) in
            guard let known, let transaction = part.transaction else { return .other }
            return try connection.rows(ofPart: part.name, before: known.oldest, of: transaction)
        }
    }

    /// Those of which it is known by now, with whether the stream has told of it.
    mutating func settled(by truncates: ReceivedTruncates, received: LSN) -> [(part: Part, isTold: Bool)] {
        let past = waiting.filter { received >= $0.lookLSN }
        waiting.removeAll { received >= $0.lookLSN }
        return past.map { part in
            let isTold = truncates[part.root].explainsNewFile(
                by: part.now.transaction, isWithAll: part.isWithAll, since: part.truncates)
            return (part, isTold)
        }
    }
}
