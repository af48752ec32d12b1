import Engine
import Foundation

/// Decides what a long-running verb prints, from one look at the status to the next: sentences once, the table every
/// ten seconds, or every second where it is redrawn during the snapshot. It holds no clock and prints nothing.
struct LiveReporter {
    static let tableEverySeconds = 10.0
    static let redrawnSnapshotEverySeconds = 1.0

    /// What the process is at now; at a cutover an export becomes an import and the other way round.
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

    /// Notes a sentence that the engine had printed, so that it is not said twice.
    mutating func heard(_ sentence: String) {
        if sentence.contains(Self.snapshotImported) { snapshotImportWasSaid = true }
    }

    /// The sentences to print now, oldest first.
    mutating func sentences(_ status: MigrationStatus) -> [String] {
        if status.processIDs[.capture] == processID {
            work = .export
        } else if status.processIDs[.apply] == processID {
            work = .import
        }
        var sentences: [String] = []
        guard holder(of: status) == processID else {
            // At a hand-over the other process lets go within a moment; before the first work it may never.
            if !hasWorked, !saidTaken, let holder = holder(of: status) {
                saidTaken = true
                sentences.append(
                    "process \(holder) does this work of the migration already")
            }
            return sentences
        }
        hasWorked = true
        switch work {
        case .export:
            if !snapshotExportWasReported, let capture = status.capture, capture.direction == .forward,
                capture.state.word == .streaming
            {
                snapshotExportWasReported = true
                sentences += Self.snapshotReport(
                    "snapshot export report", "ROW COUNT", status.tables.map { ($0, $0.exportedRows) })
            }
        case .import:
            if !snapshotImportWasReported, let apply = status.apply, apply.direction == .forward,
                apply.state.word == .streaming, status.phase != .snapshot
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

    /// The table, where one is due.
    mutating func table(_ status: MigrationStatus, now: Double) -> [String]? {
        // Another process shows its own table.
        guard showsTables, holder(of: status) == processID else { return nil }
        guard let word = state(of: status)?.word, word == .streaming || word == .snapshot else { return nil }
        let isSnapshot = word == .snapshot
        let pause = isSnapshot && redraws ? Self.redrawnSnapshotEverySeconds : Self.tableEverySeconds
        // A clock that was set back must not silence the table for long.
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

    /// Who holds the role of this process's work.
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
