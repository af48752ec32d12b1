import Journal
import Records

/// The partitions that may have been emptied by a TRUNCATE of their own, which the stream does not announce.
///
/// Such a partition has a new file. So has one that was truncated with its root, and one that was rewritten
/// with its rows by VACUUM FULL, CLUSTER or ALTER TABLE. A file with rows from before the last check was
/// rewritten. Otherwise the truncates decide that the stream has announced when it has passed the check.
struct EmptiedPartitions {
    /// A partition with a new file whose reason is not yet known.
    struct Candidate: Equatable {
        let root: QualifiedName
        let now: OriginCatalog.Part
        /// Whether one transaction gave all partitions of the root new files.
        let isWithAll: Bool
        /// The end of the origin's WAL after the check.
        let checkLSN: LogPosition
        /// Truncates of the root that were announced when the old file was last seen.
        let truncates: Int
    }

    /// The result of a check.
    struct Finding {
        /// Partitions that were rewritten with their rows.
        var rewritten: [QualifiedName] = []
        /// Partitions whose rows could not be read; the next check finds them again.
        var unknown: [(root: QualifiedName, name: QualifiedName)] = []
        /// The errors to be logged, each once.
        var failures: [String] = []
    }

    /// The state when all files were last known.
    private struct Known: Codable, Equatable {
        /// Every transaction with a lower number had ended.
        var oldest: UInt32
        var truncates: ReceivedTruncates

        /// The names under which journals of older versions have them.
        private enum CodingKeys: String, CodingKey {
            case oldest
            case truncates = "told"
        }
    }

    private let leg: Leg
    /// Candidates for which the stream has not yet passed the check.
    private(set) var waiting: [Candidate] = []
    private var known: Known?
    /// Roots with a partition that could not be read, as was logged.
    private var failing: Set<QualifiedName> = []

    init(_ leg: Leg) { self.leg = leg }

    private var key: String { "origin_files_known_\(leg.number)" }

    mutating func read(_ journal: Journal) throws {
        known = try journal.document(Known.self, key: key)
    }

    /// Notes that all files that a check saw are known.
    ///
    /// - Parameters:
    ///   - oldest: the oldest transaction that ran before the check
    ///   - truncates: the truncates that were announced before the check
    mutating func keep(oldest: UInt32, _ truncates: ReceivedTruncates, in journal: Journal) throws {
        let now = Known(oldest: oldest, truncates: truncates)
        guard now != known else { return }
        try journal.update(Known.self, key: key, initial: now) { $0 = now }
        known = now
    }

    /// Notes that the files of a snapshot are known and that no truncate was announced yet. The first
    /// snapshot of the leg counts.
    static func begin(_ leg: Leg, oldest: UInt32, in journal: Journal) throws {
        let start = Known(oldest: oldest, truncates: ReceivedTruncates())
        try journal.update(Known.self, key: EmptiedPartitions(leg).key, initial: start) { _ in }
    }

    /// Takes in the partitions that have a new file.
    ///
    /// - Parameters:
    ///   - seen: the catalog as the check saw it
    ///   - lsn: the end of the origin's WAL after the check
    ///   - truncates: the truncates that were announced before the check
    mutating func check(
        _ session: any OriginMonitorSession, _ changes: [CatalogChange], seen: OriginCatalog,
        at lsn: LogPosition, truncates: ReceivedTruncates
    ) throws -> Finding {
        let newFiles = newFiles(changes, seen: seen)
        var finding = Finding()
        for (root, partitions) in newFiles.sorted(by: { $0.key < $1.key }) {
            let fresh = partitions.filter { now in !waiting.contains { $0.root == root && $0.now == now } }
            guard !fresh.isEmpty else { continue }
            let isWithAll = seen.areAll(partitions, of: root)
            let rows: [PartRows]
            do { rows = try self.rows(session, fresh) } catch {
                // It is locked, or was dropped meanwhile.
                guard (error as? any DatabaseError)?.refusesStatement == true else { throw error }
                finding.unknown += fresh.map { (root, $0.name) }
                if failing.insert(root).inserted { finding.failures.append("\(error)") }
                continue
            }
            failing.remove(root)
            // ALTER TABLE writes all rows of all partitions in its own transaction and has changed a column
            // of the root.
            let isAltered =
                try isWithAll && rows.contains(.ofItsOwn)
                && session.hasAltered(root, by: fresh[0].transaction)
            for (partition, rows) in zip(fresh, rows) {
                if isAltered || rows == .ofBefore {
                    finding.rewritten.append(partition.name)
                } else {
                    waiting.append(
                        Candidate(
                            root: root, now: partition, isWithAll: isWithAll && partitions.count > 1,
                            checkLSN: lsn, truncates: (known?.truncates ?? truncates)[root].count))
                }
            }
        }
        return finding
    }

    /// Returns the partitions with new files by root, and drops candidates that are gone.
    private mutating func newFiles(_ changes: [CatalogChange], seen: OriginCatalog)
        -> [QualifiedName: [OriginCatalog.Part]]
    {
        var found: [QualifiedName: [OriginCatalog.Part]] = [:]
        for change in changes {
            switch change {
            case .partitionRewritten(let root, let name):
                if let now = seen.part(name, of: root) { found[root, default: []].append(now) }
            case .partitionGone(let root, let name):
                waiting.removeAll { $0.root == root && $0.now.name == name }
            case .newTable, .gone, .renamed, .madeAnew, .newPartition, .partitionsNotStreamed,
                .partitionStreamedNow:
                break
            }
        }
        return found
    }

    /// Returns for each partition which transactions wrote its rows.
    private func rows(_ session: any OriginMonitorSession, _ partitions: [OriginCatalog.Part])
        throws -> [PartRows]
    {
        try partitions.map { partition in
            guard let known, let transaction = partition.transaction else { return .other }
            return try session.rows(ofPartition: partition.name, before: known.oldest, of: transaction)
        }
    }

    /// Removes the candidates that the stream has passed and returns them. `isAnnounced` says whether the
    /// stream has announced their truncate.
    mutating func settled(by truncates: ReceivedTruncates, received: LogPosition)
        -> [(partition: Candidate, isAnnounced: Bool)]
    {
        let passed = waiting.filter { received >= $0.checkLSN }
        waiting.removeAll { received >= $0.checkLSN }
        return passed.map { partition in
            let isAnnounced = truncates[partition.root].explainsNewFile(
                by: partition.now.transaction, isWithAll: partition.isWithAll, since: partition.truncates)
            return (partition, isAnnounced)
        }
    }
}
