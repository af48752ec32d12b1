import Engine
import Records

/// The output of `import data status`.
struct ImportStatusReport {
    /// A table on one database. The names from `table_name` to `percentage_complete` are the JSON keys of
    /// yb-voyager's report.
    struct Row: Encodable, Equatable {
        let table_name: String
        /// The state of the snapshot; nil for the source, which imports no snapshot.
        let status: String?
        let total_count: Int64
        let imported_count: Int64
        /// Rows of the snapshot that were left out: none, because a row that cannot be copied stops the copy.
        let errored_count: Int64
        let percentage_complete: Double
        let db_type: String
        let stream: String
        /// Time of the figures of the stream; nil where they no longer change.
        let counted_at: String?
        /// Nil where nothing is known yet.
        let imported_inserts: Int64?
        let imported_updates: Int64?
        let imported_deletes: Int64?
        let errored_imported_events: Int64
        let remaining_events: Int64?
    }

    let rows: [Row]
    private let foot: [String]

    init(_ status: MigrationStatus) {
        let stream = StreamWords(status, .apply)
        rows = status.tablesByName.flatMap { table in
            status.streamedDirections.map { direction in
                let counts = table.imported[direction]
                let isForward = direction == .forward
                let total = isForward ? table.rowsToImport : 0
                let isKnown = counts != nil && table.exported[direction] != nil
                return Row(
                    table_name: table.name.description, status: isForward ? Self.word(table) : nil,
                    total_count: total, imported_count: isForward ? table.importedRows : 0, errored_count: 0,
                    percentage_complete: isForward ? table.importedPercent : 0,
                    db_type: direction.destination.rawValue, stream: stream.word(table, direction),
                    counted_at: stream.countedAt(direction), imported_inserts: counts?.inserts,
                    imported_updates: counts?.updates,
                    imported_deletes: counts?.deletes,
                    errored_imported_events: table.incidents[direction]?.stashed ?? 0,
                    remaining_events: isKnown ? max(0, table.remaining(direction)) : nil)
            }
        }
        foot = stream.foot(status)
    }

    private static func word(_ table: TableStatus) -> String {
        if table.snapshotIsImported { return "DONE" }
        return table.importedRows > 0 ? "MIGRATING" : "NOT_STARTED"
    }

    func lines() -> [String] {
        var table = ColumnTable()
        table.add([
            "TABLE", "STATUS", "TOTAL ROWS", "IMPORTED ROWS", "ERRORED ROWS", "PERCENTAGE", "DB_TYPE",
            "STREAM",
            "IMPORTED INSERTS", "IMPORTED UPDATES", "IMPORTED DELETES", "ERRORED EVENTS", "REMAINING EVENTS",
        ])
        for row in rows {
            let percentage = row.status == nil ? "-" : fixed(row.percentage_complete)
            table.add(
                [
                    row.table_name, row.status ?? "-", String(row.total_count), String(row.imported_count),
                    String(row.errored_count), percentage, row.db_type, row.stream,
                ]
                    + [row.imported_inserts, row.imported_updates, row.imported_deletes].map(cell)
                    + [String(row.errored_imported_events), cell(row.remaining_events)])
        }
        return table.lines() + foot
    }

    /// A percentage with two decimals.
    private func fixed(_ percent: Double) -> String {
        let hundredths = Int((percent * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

extension TableStatus {
    /// The rows of the snapshot; an estimate until it is exported.
    fileprivate var rowsToImport: Int64 {
        snapshotIsExported ? exportedRows : max(rowsEstimate, exportedRows, importedRows)
    }

    fileprivate var importedPercent: Double {
        if snapshotIsImported { return 100 }
        return rowsToImport > 0 ? min(100, Double(importedRows) * 100 / Double(rowsToImport)) : 0
    }
}
