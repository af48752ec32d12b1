import Engine
import Foundation
import Records

/// Decides what a long-running verb prints after each reading of the status: sentences once, the table every
/// ten seconds, or every second if it is redrawn during the snapshot. It has no clock and prints nothing.
struct LiveReporter {
    static let tableEverySeconds = 10.0
    static let redrawnSnapshotEverySeconds = 1.0

    /// The role that the process runs; at a cutover the processes exchange their roles.
    enum Work: Equatable {
        case export
        case `import`
    }

    private let processID: Int32
    private let showsTables: Bool
    private let redraws: Bool
    private(set) var work: Work
    private var snapshotExportWasReported = false
    private var snapshotImportWasSaid = false
    private var snapshotImportWasReported = false
    private var lastTable: (at: Double, isSnapshot: Bool)?
    private var lastReason = ""
    private var reasonSaidAt = 0.0
    private var hasWorked = false
    private var saidTaken = false

    init(role: ForegroundRole, processID: Int32, showsTables: Bool, redraws: Bool = false) {
        switch role {
        case .exportDataFromSource: work = .export
        case .importDataToTarget: work = .import
        case .exportDataFromTarget: work = .export
        case .importDataToSource: work = .import
        }
        self.processID = processID
        self.showsTables = showsTables
        self.redraws = redraws
    }

    /// Notes a sentence that the engine printed, so that it is not printed twice.
    mutating func heard(_ sentence: String) {
        if sentence.contains(Self.snapshotImported) { snapshotImportWasSaid = true }
    }

    /// Returns the sentences to print now, oldest first.
    mutating func sentences(_ status: MigrationStatus) -> [String] {
        if status.processIDs[.capture] == processID {
            work = .export
        } else if status.processIDs[.apply] == processID {
            work = .import
        }
        var sentences: [String] = []
        guard holder(of: status) == processID else {
            // At a cutover the other process ends the role within a moment. Before any work of this process
            // it may not.
            if !hasWorked, !saidTaken, let holder = holder(of: status) {
                saidTaken = true
                sentences.append(
                    "process \(holder) already does this work of the migration")
            }
            return sentences
        }
        hasWorked = true
        switch work {
        case .export:
            if !snapshotExportWasReported, let capture = status.capture,
                capture.start?.hasSnapshot == true, capture.state.word == .streaming
            {
                snapshotExportWasReported = true
                sentences += Self.snapshotReport(
                    "snapshot export report", "ROW COUNT", status.tables.map { ($0, $0.exportedRows) })
            }
        case .import:
            if !snapshotImportWasReported, let apply = status.apply,
                apply.start?.importsRows == true, apply.state.word == .streaming, status.phase != .snapshot
            {
                snapshotImportWasReported = true
                if !snapshotImportWasSaid { sentences.append(Self.snapshotImported) }
                sentences += Self.snapshotReport(
                    "snapshot import report", "IMPORTED ROW COUNT",
                    status.tables.map { ($0, $0.importedRows) })
            }
        }
        if let state = state(of: status), [.retrying, .paused].contains(state.word),
            state.reason != lastReason || status.readAt - reasonSaidAt >= Self.tableEverySeconds
        {
            lastReason = state.reason
            reasonSaidAt = status.readAt
            var sentence = "\(state.word.rawValue): \(state.reason)"
            if state.word == .retrying, let retries = retries(of: status) {
                sentence += " (attempt \(retries.count), next at \(UTCTime.seconds(retries.nextAt)) UTC)"
            }
            if !state.reason.isEmpty { sentences.append(sentence) }
        }
        return sentences
    }

    /// Returns the table if it is due.
    mutating func table(_ status: MigrationStatus, now: Double) -> [String]? {
        // Another process shows its own table.
        guard showsTables, holder(of: status) == processID else { return nil }
        guard let word = state(of: status)?.word, word == .streaming || word == .snapshot else { return nil }
        let isSnapshot = word == .snapshot
        let pause = isSnapshot && redraws ? Self.redrawnSnapshotEverySeconds : Self.tableEverySeconds
        // A clock that was set back must not suppress the table for long.
        if let lastTable, lastTable.isSnapshot == isSnapshot, now - lastTable.at < pause, now >= lastTable.at
        {
            return nil
        }
        lastTable = (now, isSnapshot)
        if isSnapshot { return status.tables.isEmpty ? nil : SnapshotTable.lines(status, work: work) }
        switch work {
        case .export:
            return status.capture.map(LiveTable.export)
        case .import:
            return status.apply.map {
                LiveTable.import(
                    $0, remaining: status.remainingEvents, timeToCatchUp: status.timeToCatchUp, now: now)
            }
        }
    }

    /// Returns the process that runs this process's role.
    private func holder(of status: MigrationStatus) -> Int32? {
        switch work {
        case .export: status.processIDs[.capture]
        case .import: status.processIDs[.apply]
        }
    }

    private static let snapshotImported = "snapshot data import complete"

    private func state(of status: MigrationStatus) -> RoleState? {
        switch work {
        case .export: status.capture?.state
        case .import: status.apply?.state
        }
    }

    private func retries(of status: MigrationStatus) -> Retries? {
        switch work {
        case .export: status.capture?.retries
        case .import: status.apply?.retries
        }
    }

    private static func snapshotReport(
        _ title: String, _ countTitle: String, _ tables: [(table: TableStatus, rows: Int64)]
    ) -> [String] {
        guard !tables.isEmpty else { return [] }
        var report = ColumnTable()
        report.add(["SCHEMA", "TABLE", countTitle])
        for (table, rows) in tables.sorted(by: { ($1.rows, $0.table.name) < ($0.rows, $1.table.name) }) {
            report.add([table.name.schema.description, table.name.name.description, "\(rows)"])
        }
        return [title] + report.lines()
    }
}
