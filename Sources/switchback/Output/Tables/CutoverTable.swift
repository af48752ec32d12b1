import Engine
import Foundation
import Records

/// The output of `cutover status`.
enum CutoverTable {
    /// Returns the table's lines: to the target always, to the source if fall-back is on.
    static func lines(
        _ status: MigrationStatus, colour: (String, Terminal.Colour) -> String = { text, _ in text }
    ) -> [String] {
        var table = ColumnTable()
        table.add(["CUTOVER DIRECTION", "STATUS", "REQUESTED AT"])
        let cutovers = shown(status)
        for cutover in cutovers {
            table.add([direction(cutover), cutover.word.rawValue, time(cutover.requestedAt)])
        }
        let lines = table.lines { cell, row, column in
            guard row > 0, column == 1 else { return cell }
            return colour(cell, Self.colour(of: cutovers[row - 1].word))
        }
        let readiness = status.readiness.map { ["", $0.words.asSentence + "."] } ?? []
        return lines + stopwatchLines(status) + readiness + WaiverReport(status.cutovers).lines
    }

    /// The stopwatch of the newest cutover, by step, and its budget.
    private static func stopwatchLines(_ status: MigrationStatus) -> [String] {
        guard let cutover = status.newestCutover else { return [] }
        let budget = cutover.budgetSeconds.map { " of a budget of \(seconds($0))" } ?? ""
        guard let stopwatch = cutover.stopwatch else {
            return cutover.word == .initiated && !budget.isEmpty
                ? ["", "The stopwatch has not begun\(budget)."] : []
        }
        let total = stopwatch.seconds(at: status.readAt)
        let state = stopwatch.isRunning ? "The application is held for" : "The application was held for"
        var table = ColumnTable()
        for lap in stopwatch.laps {
            table.add([
                lap.title, seconds(lap.seconds(at: status.readAt)) + (lap.endedAt == nil ? ", running" : ""),
            ])
        }
        return ["", "\(state) \(seconds(total))\(budget):"] + table.lines()
    }

    private static func seconds(_ seconds: Double) -> String {
        seconds < 1 ? "\(Int((seconds * 1000).rounded())) ms" : "\((seconds * 10).rounded() / 10) s"
    }

    /// Returns the lines below the table that say why the newest cutover was aborted; none if it was not.
    static func abortLines(_ status: MigrationStatus) -> [String] {
        guard let cutover = status.newestCutover, let reason = cutover.abortReason else { return [] }
        let side = cutover.to.rawValue
        var lines = [
            cutover.isBeingAborted
                ? "The cutover to \(side) is being aborted: \(reason)"
                : "The cutover to \(side) was aborted: \(reason)"
        ]
        if let step = cutover.failedStep { lines.append("The step that failed: \(step.title)") }
        lines.append(
            cutover.isBeingAborted
                ? "Its steps are being undone; no data is lost."
                : "Its steps are undone, and changes continue to stream; it can be initiated again.")
        return lines
    }

    /// Returns the cutovers as JSON, with their steps.
    static func json(_ status: MigrationStatus) throws -> String {
        /// The form of a step in JSON.
        struct Step: Encodable {
            let title: String
            let state: String
            let detail: String
            let started_at: String?
            let ended_at: String?
            let undone_at: String?
            let failed: Bool
            /// Seconds that it took, or has taken until now.
            let seconds: Double?
            /// This and the bound only while it runs.
            let waits_for: String?
            let wait_seconds_max: Double?
            let aborts_at: String?
            let progress: ProgressForm?
        }
        /// The form of a cutover in JSON.
        struct Cutover: Encodable {
            let id: String?
            let from: String
            let to: String
            let direction: String
            let status: String
            let requested_at: String?
            let released_at: String?
            let waits_for_approval: Bool
            let is_being_aborted: Bool
            let aborted_at: String?
            let abort_reason: String?
            let failed_step: String?
            /// Those of all attempts to that side.
            let waivers: [WaiverReport.Entry]
            let stopwatch: StopwatchForm?
            let budget_seconds: Double?
            let budget_left_seconds: Double?
            /// Those of the next cutover, or of the one under way.
            let gates: [GateTable.Form]?
            let steps: [Step]
        }
        let cutovers = shown(status).map { cutover in
            Cutover(
                id: cutover.id.isEmpty ? nil : cutover.id, from: cutover.to.other.rawValue,
                to: cutover.to.rawValue, direction: direction(cutover), status: cutover.word.rawValue,
                requested_at: cutover.requestedAt.map(UTCTime.standard),
                released_at: cutover.releasedAt.map(UTCTime.standard),
                waits_for_approval: cutover.awaitsApproval, is_being_aborted: cutover.isBeingAborted,
                aborted_at: cutover.abortedAt.map(UTCTime.standard), abort_reason: cutover.abortReason,
                failed_step: cutover.failedStep?.title,
                waivers: WaiverReport(status.cutovers.filter { $0.to == cutover.to }).entries,
                stopwatch: cutover.stopwatch.map { StopwatchForm($0, now: status.readAt) },
                budget_seconds: cutover.budgetSeconds,
                budget_left_seconds: cutover.budgetLeft(at: status.readAt),
                gates: cutover.to == status.nextCutover
                    ? GateTable.forms(status.gates, now: status.readAt) : nil,
                steps: cutover.steps.map {
                    Step(
                        title: $0.title, state: $0.state.rawValue, detail: $0.detail,
                        started_at: $0.startedAt.map(UTCTime.standard),
                        ended_at: $0.endedAt.map(UTCTime.standard),
                        undone_at: $0.undoneAt.map(UTCTime.standard), failed: $0.hasFailed,
                        seconds: $0.seconds(at: status.readAt), waits_for: $0.awaited,
                        wait_seconds_max: $0.state == .running ? $0.waitSecondsMax : nil,
                        aborts_at: $0.abortsAt.map(UTCTime.standard),
                        progress: $0.progress.map { ProgressForm($0, now: status.readAt) })
                })
        }
        return try JSONText.text(of: cutovers)
    }

    /// Returns the newest cutover to each side that is shown.
    private static func shown(_ status: MigrationStatus) -> [CutoverStatus] {
        let toTarget = status.cutovers.last { $0.to == .target } ?? CutoverStatus(to: .target)
        let toSource = status.cutovers.last { $0.to == .source }
        if let toSource { return [toTarget, toSource] }
        return status.fallBackEnabled ? [toTarget, CutoverStatus(to: .source)] : [toTarget]
    }

    private static func direction(_ cutover: CutoverStatus) -> String {
        "\(cutover.to.other.rawValue) → \(cutover.to.rawValue)"
    }

    private static func time(_ seconds: Double?) -> String {
        seconds.map { UTCTime.seconds($0) + " UTC" } ?? "-"
    }

    private static func colour(of word: CutoverStatus.Word) -> Terminal.Colour {
        switch word {
        case .notInitiated, .aborted: .red
        case .initiated: .yellow
        case .completed: .green
        }
    }
}

extension CutoverStepStatus {
    /// What it waits for; nil unless it runs.
    fileprivate var awaited: String? { state == .running ? step?.awaited : nil }
}
