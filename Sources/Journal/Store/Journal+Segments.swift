import Foundation
import GRDB
import Records

/// A segment in the journal: a row of table `queue_segment_meta`.
package struct StoredSegment: Sendable, Equatable {
    package let number: Int
    package let path: String
    package let leg: Int
    /// Transactions in this and later segments of the leg have a commit LSN above it.
    package let afterLSN: LogPosition
    package let continuesTransaction: Bool
    package let isApplied: Bool
    package let isArchived: Bool
    package let isDeleted: Bool
    package let archiveLocation: String?
    /// Bytes known to be durable; may lag the file's size while it is written.
    package let durableBytes: Int
}

/// The durable size of a segment.
package struct SegmentSize: Sendable {
    package let number: Int
    package let durableBytes: Int
    /// Number of changes up to its end, over all segments of the leg.
    package let events: Int64

    package init(number: Int, durableBytes: Int, events: Int64) {
        self.number = number
        self.durableBytes = durableBytes
        self.events = events
    }
}

extension Journal {
    /// Notes a segment before its file is created, so that no file is ever unknown.
    package func segmentOpened(
        number: Int, path: String, leg: Int, afterLSN: LogPosition, continuesTransaction: Bool,
        exporterRole: String
    ) throws {
        try write("note a segment") { database in
            try database.execute(
                sql: """
                    insert or replace into queue_segment_meta
                        (segment_no, file_path, exporter_role, leg, after_lsn, continues_transaction)
                    values (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    number, path, exporterRole, leg, Int64(bitPattern: afterLSN.number), continuesTransaction,
                ])
        }
    }

    /// Notes the durable size of a segment, by which recovery distinguishes damage from a torn tail. A
    /// smaller size than the noted one changes nothing.
    package func segmentGrown(_ size: SegmentSize) throws {
        try write("note a segment's size") { database in
            try database.execute(
                sql: """
                    update queue_segment_meta
                    set size_durable = ?1, size_committed = max(size_committed, ?1), total_events = ?2
                    where segment_no = ?3 and size_durable <= ?1
                    """, arguments: [size.durableBytes, size.events, size.number])
        }
    }

    /// Notes that all segments of a leg below a number are applied and committed on the destination.
    package func segmentsApplied(below number: Int, leg: Int, toSource: Bool) throws {
        let column = toSource ? "imported_by_source_db_importer" : "imported_by_target_db_importer"
        try write("note applied segments") { database in
            try database.execute(
                sql:
                    "update queue_segment_meta set \(column) = 1 where segment_no < ? and leg = ? and "
                    + "\(column) = 0",
                arguments: [number, leg])
        }
    }

    package func segments() throws -> [StoredSegment] {
        try read("read the segments") { database in
            try SQLRequest<Row>(
                sql: "select * from queue_segment_meta order by segment_no", cached: true
            ).fetchAll(database).map { row in
                StoredSegment(
                    number: row["segment_no"], path: row["file_path"], leg: row["leg"],
                    afterLSN: LogPosition(number: UInt64(bitPattern: row["after_lsn"] as Int64)),
                    continuesTransaction: row["continues_transaction"],
                    isApplied: (row["imported_by_target_db_importer"] as Bool)
                        || (row["imported_by_source_db_importer"] as Bool),
                    isArchived: row["archived"], isDeleted: row["deleted"],
                    archiveLocation: row["archive_location"], durableBytes: row["size_durable"])
            }
        }
    }

    package func segmentArchived(_ number: Int, location: String) throws {
        try write("note an archived segment") { database in
            try database.execute(
                sql: "update queue_segment_meta set archived = 1, archive_location = ? where segment_no = ?",
                arguments: [location, number])
        }
    }

    package func segmentDeleted(_ number: Int) throws {
        try write("note a deleted segment") { database in
            try database.execute(
                sql: "update queue_segment_meta set deleted = 1 where segment_no = ?", arguments: [number])
        }
    }
}
