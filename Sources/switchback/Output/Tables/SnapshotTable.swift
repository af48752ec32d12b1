import Engine

/// The table that a long-running verb prints during the snapshot: the tables being copied, and the sum.
enum SnapshotTable {
    /// A migration may have thousands of tables; a screen has two dozen lines.
    static let tablesMax = 10

    static func lines(_ status: MigrationStatus, work: LiveReporter.Work) -> [String] {
        func rows(_ table: TableStatus) -> Int64 { work == .export ? table.exportedRows : table.importedRows }
        /// The server's estimate may be less than what was already copied.
        func total(_ table: TableStatus) -> Int64 {
            max(table.rowsEstimate, table.exportedRows, table.importedRows)
        }
        let underWay = status.tables.filter { !$0.snapshotIsDone && rows($0) > 0 && rows($0) < total($0) }
        let shown = underWay.sorted { $0.name < $1.name }.prefix(tablesMax)
        var lines: [(String, String)] = [("Snapshot", work == .export ? "Exported rows" : "Imported rows")]
        lines += shown.map { (shortened($0.name.description), progress(rows($0), of: total($0))) }
        let sum = (
            rows: status.tables.reduce(0) { $0 + rows($1) }, total: status.tables.reduce(0) { $0 + total($1) }
        )
        let done = status.tables.count { $0.snapshotIsDone }
        lines.append(("Tables done on both sides", "\(done) of \(status.tables.count)"))
        lines.append(("All tables", progress(sum.rows, of: sum.total)))
        return LiveTable.lines(labelWidth: 40, lines)
    }

    private static func progress(_ rows: Int64, of total: Int64) -> String {
        total > 0 ? "\(rows) of \(total) (\(rows * 100 / total)%)" : "\(rows)"
    }

    private static func shortened(_ name: String) -> String {
        name.count <= 40 ? name : name.prefix(39) + "…"
    }
}
