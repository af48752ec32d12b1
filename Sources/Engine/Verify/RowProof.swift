import Foundation
import Journal
import Records

/// The proof that the rows of tables are equal, as the last verification left it in the journal. A row that
/// was written after its table's position is not proved; the log has its key.
struct RowProof: Codable, Equatable {
    /// What is known of one table.
    struct Entry: Codable, Equatable {
        /// Everything that was committed on the origin up to here is proved.
        let position: LogPosition
        /// The columns that were compared.
        let columns: [Column]
        let provedAt: Double
    }

    /// The leg to which the positions belong.
    var leg: Int
    var tables: [QualifiedName: Entry] = [:]

    private static let key = "row_proof"

    /// Keeps what a pass has said about a table.
    static func keep(_ entry: VerifyReport.Entry, of table: Table, leg: Leg, _ journal: Journal) throws {
        let initial = RowProof(leg: leg.number)
        try journal.update(RowProof.self, key: key, initial: initial) { proof in
            if proof.leg != leg.number { proof = initial }
            proof.tables[table.name] = nil
            guard entry.isProved, let position = entry.position else { return }
            proof.tables[table.name] = Entry(
                position: position, columns: table.sentColumns, provedAt: entry.endedAt)
        }
    }

    static func read(leg: Leg, _ journal: Journal) throws -> RowProof? {
        try journal.document(RowProof.self, key: key).flatMap { $0.leg == leg.number ? $0 : nil }
    }
}

/// The rows that were written since their tables were proved, by what the log says.
struct UnprovedRows {
    let context: RoleContext
    let leg: Leg

    /// Greatest size of the log that is read for the keys. A comparison of whole tables is quicker than more.
    static let logBytesMax = 256 << 20

    /// Returns the keys of the rows that were written since, up to a position of the log, by table. A table
    /// that is missing has to be compared as a whole.
    func keys(of tables: [Table], through end: LogPosition, meanwhile proceed: () throws -> Void) throws
        -> [QualifiedName: Set<RowKey>]
    {
        guard let proof = try RowProof.read(leg: leg, context.journal) else { return [:] }
        let proved = tables.compactMap { table in
            proof.tables[table.name].flatMap { entry in
                entry.columns == table.sentColumns
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
            case .message: if let reached, reached >= end { return changed.keys }
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
