import Engine
import Records

/// The output of `get data-migration-report`: for each table, what each database exported and imported.
struct MigrationReport {
    /// A table on one database. The property names are the JSON keys of yb-voyager's report.
    struct Row: Encodable, Equatable {
        let table_name: String
        let db_type: String
        let exported_snapshot_rows: Int64
        let imported_snapshot_rows: Int64
        let errored_imported_snapshot_rows: Int64
        let imported_inserts: Int64
        let imported_updates: Int64
        let imported_deletes: Int64
        let exported_inserts: Int64
        let exported_updates: Int64
        let exported_deletes: Int64
        /// Changes that were stashed and not applied here, and changes at which the import stopped.
        /// yb-voyager's report does not have these columns; ours has them if there are such changes.
        let errored_imported_events: Int64?
        let stopped_imported_events: Int64?
        /// Computed from the counts, not counted in the database.
        let final_row_count: Int64

        init(_ table: TableStatus, side: Side) {
            // The source exports forward and imports in reverse; the target does the opposite.
            let exported = (side == .source ? table.exported[.forward] : table.exported[.reverse]) ?? .zero
            let imported = (side == .source ? table.imported[.reverse] : table.imported[.forward]) ?? .zero
            let incidents =
                (side == .source ? table.incidents[.reverse] : table.incidents[.forward]) ?? .zero
            errored_imported_events = incidents.stashed > 0 ? incidents.stashed : nil
            stopped_imported_events = incidents.stopped > 0 ? incidents.stopped : nil
            table_name = table.name.description
            db_type = side.rawValue
            exported_snapshot_rows = side == .source ? table.exportedRows : 0
            imported_snapshot_rows = side == .target ? table.importedRows : 0
            errored_imported_snapshot_rows = 0
            imported_inserts = imported.inserts
            imported_updates = imported.updates
            imported_deletes = imported.deletes
            exported_inserts = exported.inserts
            exported_updates = exported.updates
            exported_deletes = exported.deletes
            final_row_count =
                exported_snapshot_rows + imported_snapshot_rows + exported.inserts - exported.deletes
                + imported.inserts - imported.deletes
        }

        fileprivate var cells: [String] {
            [table_name, db_type]
                + [
                    exported_snapshot_rows, imported_snapshot_rows, errored_imported_snapshot_rows,
                    exported_inserts,
                    exported_updates, exported_deletes, imported_inserts, imported_updates, imported_deletes,
                    final_row_count,
                ].map(String.init)
        }
    }

    static let rowsPerPage = 30

    let rows: [Row]
    /// The tables whose changes are not applied, and why.
    private let notes: [(table: String, note: TableNote)]
    let notCarried: [NotCarried]
    let waivers: WaiverReport

    init(_ status: MigrationStatus, notCarried: [NotCarried] = []) {
        self.notCarried = notCarried
        waivers = WaiverReport(status.cutovers)
        notes = status.tables.sorted { $0.name < $1.name }.compactMap { table in
            table.note.map { (table.name.description, $0) }
        }
        rows = status.tables.sorted { $0.name < $1.name }.flatMap {
            [Row($0, side: .source), Row($0, side: .target)]
        }
    }

    /// Returns the lines of the table, with its two header rows before each page.
    func lines() -> [String] {
        var lines: [String] = []
        for start in stride(from: 0, to: max(1, rows.count), by: Self.rowsPerPage) {
            var page = ColumnTable()
            page.add([
                "TABLE", "DB_TYPE", "EXPORTED", "IMPORTED", "ERRORED-IMPORTED", "EXPORTED", "EXPORTED",
                "EXPORTED",
                "IMPORTED", "IMPORTED", "IMPORTED", "FINAL_ROW_COUNT",
            ])
            page.add([
                "", "", "SNAPSHOT_ROWS", "SNAPSHOT_ROWS", "SNAPSHOT_ROWS", "INSERTS", "UPDATES", "DELETES",
                "INSERTS",
                "UPDATES", "DELETES", "",
            ])
            for row in rows[start..<min(start + Self.rowsPerPage, rows.count)] { page.add(row.cells) }
            if start > 0 { lines.append("") }
            lines += page.lines()
        }
        return lines + incidentLines + noteLines + notCarriedLines + waiverLines
    }

    private var noteLines: [String] {
        guard !notes.isEmpty else { return [] }
        var table = ColumnTable()
        table.add(["TABLE", "STATE", "REASON"])
        for (name, note) in notes { table.add([name, note.word.rawValue, note.reason]) }
        return [""] + table.lines()
    }

    /// The lines about objects and rows that neither the schema export nor the stream brought to the target.
    private var notCarriedLines: [String] {
        guard !notCarried.isEmpty else { return [] }
        var table = ColumnTable()
        table.add(["NOT CARRIED", "COUNT", "WHICH", "MISSING ON THE TARGET", "TO DO"])
        for finding in notCarried {
            let names = finding.names.isEmpty ? "-" : finding.list
            table.add([finding.title, String(finding.count), names, finding.missing, finding.remedy])
        }
        return [""] + table.lines()
    }

    private var waiverLines: [String] { waivers.entries.isEmpty ? [] : [""] + waivers.lines }

    /// The lines about tables with changes that were not applied, which follow the table with yb-voyager's
    /// columns.
    private var incidentLines: [String] {
        let touched = rows.filter { $0.errored_imported_events != nil || $0.stopped_imported_events != nil }
        guard !touched.isEmpty else { return [] }
        var table = ColumnTable()
        table.add(["TABLE", "DB_TYPE", "ERRORED-IMPORTED EVENTS", "STOPPED BEFORE"])
        for row in touched {
            table.add([
                row.table_name, row.db_type, String(row.errored_imported_events ?? 0),
                String(row.stopped_imported_events ?? 0),
            ])
        }
        return [""] + table.lines()
    }

    func json() throws -> String { try JSONText.text(of: rows) }
}
