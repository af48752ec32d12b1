import Foundation
import Journal
import Records

/// The proof that the rows of tables are equal, as the last verification left it in the journal. A row that
/// was written after its table's position is not proved; the log has its key. What the log does not have lets
/// the proof lapse: a table that is set aside, and storage of another form.
struct RowProof: Codable, Equatable {
    /// What is known of one table.
    struct Entry: Codable, Equatable {
        /// Everything that was committed on the origin up to here is proved.
        let position: LogPosition
        /// The columns that were compared.
        let columns: [Column]
        let provedAt: Double
        /// The storage on both sides before the first row was read; nil in documents of earlier versions,
        /// whose proofs do not count.
        var storage: [Side: String]?
        /// The rows about which nothing is proved, by key. Nil in records of earlier versions.
        private let unproved: [RowKey]?
        var openKeys: [RowKey] { unproved ?? [] }
        /// Number of changes of the table that had been exported when its first range was read, or fewer. Nil
        /// if it was not known.
        let changes: Int64?

        init(
            position: LogPosition, columns: [Column], provedAt: Double, storage: [Side: String]?,
            openKeys: [RowKey] = [], changes: Int64? = nil
        ) {
            self.position = position
            self.columns = columns
            self.provedAt = provedAt
            self.storage = storage
            self.changes = changes
            unproved = openKeys.isEmpty ? nil : openKeys
        }
    }

    /// The leg to which the positions belong.
    var leg: Int
    var tables: [QualifiedName: Entry] = [:]
    /// The number of times that a table was set aside in this leg; nil in documents of earlier versions.
    private(set) var lapses: [QualifiedName: Int]?

    init(leg: Int) { self.leg = leg }

    private static let key = "row_proof"

    /// Keeps what a pass has said about a table, unless the table was set aside since the pass began. Rows
    /// that the pass left open are kept by their keys; without these the table is not proved.
    ///
    /// - Parameter ground: what the pass has read before the rows
    static func keep(
        _ entry: VerifyReport.Entry, _ open: OpenKeys, of table: Table, on ground: ProofGround,
        _ journal: Journal
    ) throws {
        let initial = RowProof(leg: ground.leg.number)
        try journal.update(RowProof.self, key: key, initial: initial) { proof in
            if proof.leg < ground.leg.number { proof = initial }
            guard proof.leg == ground.leg.number else { return }
            proof.tables[table.name] = nil
            guard entry.reason == nil, !open.isIncomplete, let position = entry.position,
                proof.lapses(of: table.name) == ground.lapses(of: table.name)
            else { return }
            proof.tables[table.name] = Entry(
                position: position, columns: table.sentColumns, provedAt: entry.endedAt,
                storage: ground.storage(of: table.name), openKeys: open.keys, changes: entry.changesBefore)
        }
    }

    /// Forgets the proof of a table that is set aside. Its rows may have changed in a way that the log does
    /// not have.
    static func lapse(_ table: QualifiedName, leg: Int, _ transaction: JournalTransaction) throws {
        let initial = RowProof(leg: leg)
        try transaction.update(RowProof.self, key: key, initial: initial) { proof in
            if proof.leg < leg { proof = initial }
            guard proof.leg == leg else { return }
            proof.tables[table] = nil
            proof.lapses = (proof.lapses ?? [:]).merging([table: 1], uniquingKeysWith: +)
        }
    }

    /// Returns the proved tables whose storage on a side is not what it was when they were proved.
    static func changed(on side: Side, leg: Leg, _ context: RoleContext) throws -> [QualifiedName] {
        guard let proof = try read(leg: leg, context.journal), !proof.tables.isEmpty else { return [] }
        let now = try context.side(side).storage(
            of: proof.tables.keys.sorted(), publication: leg.publicationName)
        return proof.tables.filter { name, entry in
            entry.storage?[side] == nil || entry.storage?[side] != now[name]
        }.map(\.key).sorted()
    }

    /// Forgets the proofs of these tables.
    static func forgetChanged(on side: Side, leg: Leg, _ context: RoleContext) throws {
        let names = try changed(on: side, leg: leg, context)
        guard !names.isEmpty else { return }
        try context.journal.update(RowProof.self, key: key, initial: RowProof(leg: leg.number)) { proof in
            guard proof.leg == leg.number else { return }
            for name in names { proof.tables[name] = nil }
        }
        context.log(
            .warning, "cutover",
            "\(names.listed(max: 10)) changed on the \(side.rawValue) in a way that the log does not have; "
                + "what was proved of it no longer holds, so all of its rows are compared")
    }

    func lapses(of table: QualifiedName) -> Int { lapses?[table] ?? 0 }

    static func read(leg: Leg, _ journal: Journal) throws -> RowProof? {
        try journal.document(RowProof.self, key: key).flatMap { $0.leg == leg.number ? $0 : nil }
    }
}

/// The rows that are not proved equal: those that were written since, by what the log says, and those that
/// the verification left open.
struct UnprovedRows {
    let context: RoleContext
    let leg: Leg

    /// Greatest size of the log that is read for the keys. A comparison of whole tables is quicker than more.
    static let logBytesMax = 256 << 20

    /// Returns the keys of these rows, up to a position of the log, by table. A table that is missing has to
    /// be compared as a whole.
    func keys(of tables: [Table], through end: LogPosition, meanwhile proceed: () throws -> Void) throws
        -> [QualifiedName: Set<RowKey>]
    {
        guard let proof = try RowProof.read(leg: leg, context.journal) else { return [:] }
        let proved = tables.compactMap { table in
            proof.tables[table.name].flatMap { entry in
                entry.storage != nil && entry.columns == table.sentColumns
                    ? (table: VerifiedTable(table: table, comparesPartitions: false), after: entry.position)
                    : nil
            }
        }
        guard let first = proved.map(\.after).min(), let segment = try segment(after: first) else {
            return [:]
        }
        var changed = ChangedKeys(proved)
        var reader = SegmentReader(exportDirectory: context.exportDirectory, from: segment)
        while true {
            var reached: LogPosition?
            let frame = try reader.next { reached = try changed.take($0) }
            switch frame {
            case .message:
                guard let reached, reached >= end else { continue }
                return changed.keys.reduce(into: [:]) { keys, table in
                    keys[table.key] = table.value.union(proof.tables[table.key]?.openKeys ?? [])
                }
            case .header: try proceed()
            // The log ends before the position. That cannot be, so nothing counts as proved.
            case .end: return [:]
            }
        }
    }

    /// Returns the file that has the changes after a position; nil if it is gone, or if too much follows.
    private func segment(after position: LogPosition) throws -> Int? {
        let all = try context.journal.segments().filter { $0.leg == leg.number }
        guard let first = all.last(where: { !$0.continuesTransaction && $0.afterLSN <= position }) else {
            return nil
        }
        let rest = all.filter { $0.number >= first.number }
        let isWhole = rest.allSatisfy { segment in
            !segment.isDeleted
                && FileManager.default.fileExists(
                    atPath: segmentPath(context.exportDirectory, number: segment.number))
        }
        let bytes = rest.map(\.durableBytes).reduce(0, +)
        return isWhole && bytes <= Self.logBytesMax ? first.number : nil
    }
}
