import Engine
import Records

/// The output of `export data status`.
struct ExportStatusReport {
    /// A table on one database. The first three names are the JSON keys of yb-voyager's report.
    struct Row: Encodable, Equatable {
        let table_name: String
        /// The state of the snapshot; nil for the target, which exports no snapshot.
        let status: String?
        let exported_count: Int64
        let db_type: String
        let stream: String
        /// Time of the figures of the stream; nil where they no longer change.
        let counted_at: String?
        /// Nil where nothing is known yet.
        let exported_inserts: Int64?
        let exported_updates: Int64?
        let exported_deletes: Int64?
    }

    let rows: [Row]
    private let foot: [String]

    init(_ status: MigrationStatus) {
        let stream = StreamWords(status, .capture)
        rows = status.tablesByName.flatMap { table in
            status.streamedDirections.map { direction in
                let counts = table.exported[direction]
                return Row(
                    table_name: table.name.description,
                    status: direction == .forward ? Self.word(table) : nil,
                    exported_count: direction == .forward ? table.exportedRows : 0,
                    db_type: direction.origin.rawValue, stream: stream.word(table, direction),
                    counted_at: stream.countedAt(direction), exported_inserts: counts?.inserts,
                    exported_updates: counts?.updates,
                    exported_deletes: counts?.deletes)
            }
        }
        foot = stream.foot(status)
    }

    private static func word(_ table: TableStatus) -> String {
        if table.snapshotIsExported { return "DONE" }
        return table.exportedRows > 0 ? "EXPORTING" : "NOT-STARTED"
    }

    func lines() -> [String] {
        var table = ColumnTable()
        table.add([
            "TABLE", "STATUS", "EXPORTED ROWS", "DB_TYPE", "STREAM", "EXPORTED INSERTS", "EXPORTED UPDATES",
            "EXPORTED DELETES",
        ])
        for row in rows {
            table.add(
                [row.table_name, row.status ?? "-", String(row.exported_count), row.db_type, row.stream]
                    + [row.exported_inserts, row.exported_updates, row.exported_deletes].map(cell))
        }
        return table.lines() + foot
    }
}
