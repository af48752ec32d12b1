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
        /// Rows of the snapshot that were left out. There are none: a row that cannot be copied stops the copy.
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

/// The words about the stream of a role's tables, and how old its figures are.
private struct StreamWords {
    private let role: Role
    private let current: Direction?
    private let state: String
    private let processID: Int32?
    private let publishedAt: Double?

    init(_ status: MigrationStatus, _ role: Role) {
        self.role = role
        current = status.phase.direction
        processID = status.processIDs[role]
        let published: (direction: Direction, word: RoleState.Word, at: Double)? =
            switch role {
            case .capture: status.capture.map { ($0.direction, $0.state.word, $0.publishedAt) }
            case .apply: status.apply.map { ($0.direction, $0.state.word, $0.publishedAt) }
            }
        // The file of an earlier leg says nothing about this one.
        let direction = status.phase.direction
        let own = published.flatMap { $0.direction == direction ? $0 : nil }
        publishedAt = own?.at
        state = processID == nil && own?.word != .stopped ? "not running" : own?.word.rawValue ?? "starting"
    }

    /// The state of a table's stream in one direction.
    func word(_ table: TableStatus, _ direction: Direction) -> String {
        guard let current, direction == current else { return "ended" }
        switch table.note?.word {
        case .excluded, .new: return table.note?.word.rawValue ?? ""
        case .setAside, .catchingUp:
            // The export writes the changes of such a table as those of any other.
            return role == .apply ? table.note?.word.rawValue ?? "" : state
        case nil: return state
        }
    }

    func countedAt(_ direction: Direction) -> String? {
        direction == current ? publishedAt.map(UTCTime.standard) : nil
    }

    /// The lines below the table: how old the figures are, and whether the role runs.
    func foot(_ status: MigrationStatus) -> [String] {
        guard current != nil else { return [] }
        let name = role == .capture ? "export" : "import"
        let time = publishedAt.map { "the figures of the stream are of \(UTCTime.seconds($0)) UTC" }
        switch (processID, time) {
        case (nil, let time?): return ["", "The \(name) runs in no process: \(time)."]
        case (nil, nil): return ["", "The \(name) runs in no process, and has not streamed yet."]
        case (let process?, let time?): return ["", "The \(name) runs, process \(process): \(time)."]
        case (let process?, nil): return ["", "The \(name) runs, process \(process)."]
        }
    }
}

private func cell(_ count: Int64?) -> String { count.map(String.init) ?? "-" }

extension MigrationStatus {
    fileprivate var tablesByName: [TableStatus] { tables.sorted { $0.name < $1.name } }

    /// The directions in which changes stream, or have streamed.
    fileprivate var streamedDirections: [Direction] { fallBackEnabled ? [.forward, .reverse] : [.forward] }
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
