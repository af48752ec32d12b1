import Engine
import Records

/// A label exactly as yb-voyager has it, and its value.
package struct Metric: Equatable, Sendable {
    package let label: String
    package let value: String

    package init(_ label: String, _ value: String) {
        self.label = label
        self.value = value
    }
}

extension MigrationStatus {
    /// The export's numbers in that direction.
    package func exportMetrics(_ direction: Records.Direction) -> [Metric] {
        let capture = capture(direction)
        // What was imported was exported, though the export may not have published it yet.
        let ahead =
            capture.map { max(0, (apply(direction)?.totalEvents.total ?? 0) - $0.totalEvents.total) } ?? 0
        return [
            Metric("Total Exported Events", integer(capture.map { $0.totalEvents.total + ahead })),
            Metric("Total Exported Events (Current Run)", integer(capture.map { $0.eventsThisRun + ahead })),
            Metric("Export Rate(Last 3 min)", exportRate(capture?.eventsPerSecondLast3Minutes)),
            Metric("Export Rate(Last 10 min)", exportRate(capture?.eventsPerSecondLast10Minutes)),
        ]
    }

    /// The import's numbers in that direction.
    package func importMetrics(_ direction: Records.Direction) -> [Metric] {
        let apply = apply(direction)
        // The engine's own remainder speaks of the direction that runs now; for another one it is not known.
        let isThisWay = apply != nil && capture(direction) != nil
        return [
            Metric("Total Imported events", integer(apply?.totalEvents.total)),
            Metric("Events Imported in this Run", integer(apply?.eventsThisRun)),
            Metric("Ingestion Rate (last 3 mins)", importRate(apply?.eventsPerSecondLast3Minutes)),
            Metric("Ingestion Rate (last 10 mins)", importRate(apply?.eventsPerSecondLast10Minutes)),
            Metric("Time taken in this Run", minutes(apply.map { max(0, $0.publishedAt - $0.runStartedAt) })),
            Metric("Remaining Events", integer(isThisWay ? remainingEvents : nil)),
            Metric("Estimated Time to catch up", isThisWay ? timeToCatchUp.words : unknown),
        ]
    }

    /// What else is known of the export: the slot and the room it needs.
    package func exportDetails(_ direction: Records.Direction) -> [Metric] {
        guard let capture = capture(direction) else { return [] }
        return [
            Metric("state", capture.state.words),
            Metric("last commit", position(capture.loggedLSN)),
            Metric("confirmed", position(capture.confirmedLSN)),
            Metric("WAL retained", capture.walInWords),
            Metric("queue", queueInWords(capture)),
            Metric("retries", capture.retries.words(isRetrying: capture.state.word == .retrying, at: readAt)),
            Metric("slot", capture.slotName + (capture.slotInvalidation.map { " (\($0))" } ?? "")),
        ]
    }

    /// Of a leg's log or destination; zero is one of which nothing is known yet.
    private func position(_ lsn: LSN) -> String { lsn == .zero ? unknown : lsn.description }

    private func queueInWords(_ capture: CaptureStatus) -> String {
        let waiting = capture.unappliedBytes ?? capture.queueBytes
        return bytes(waiting) + (diskLimits.queueBytesMax.map { " of " + bytes($0) } ?? "") + ", free "
            + bytes(capture.diskFreeBytes) + " (min " + DiskLimits.text(diskLimits.freeBytesMin) + ")"
    }

    /// How many channels apply, where there are several or are to be.
    package var channelsInWords: String? {
        let channels = apply?.channels ?? applyMode.channels
        if channels == applyMode.channels { return channels > 1 ? "\(channels) channels" : nil }
        return "\(channels) of \(applyMode.channels) channels"
    }

    package func importDetails(_ direction: Records.Direction) -> [Metric] {
        guard let apply = apply(direction) else { return [] }
        return [
            Metric("state", apply.state.words),
            Metric("applied to", position(apply.appliedLSN)),
            Metric("commit lag", commitLagSeconds.map { decimal($0, places: 1) + " s" } ?? unknown),
            Metric("retries", apply.retries.words(isRetrying: apply.state.word == .retrying, at: readAt)),
        ]
    }
}

extension CatchUp {
    /// `5m42s`, or words where a number would mislead.
    package var words: String {
        switch self {
        case .unknown: Console.unknown
        case .caughtUp: "done"
        case .seconds(let seconds): duration(seconds.rounded(.up))
        case .notCatchingUp: "not catching up"
        }
    }

}

extension CaptureStatus {
    /// `3.1 GiB (reserved), 4.0 GiB safe`: what the server keeps for the slot, and how much more until it may be lost.
    package var walInWords: String {
        bytes(retainedWALBytes) + (walStatus.map { " (\($0))" } ?? "")
            + (safeWALBytes.map { ", " + bytes(max(0, $0)) + " safe" } ?? "")
    }
}

extension Retries {
    /// `3, next in 2 s: reason` while it is tried, else `3, the last 5m12s ago: reason`.
    package func words(isRetrying: Bool, at now: Double) -> String {
        if count == 0 { return "0" }
        let when =
            isRetrying
            ? "next in \(duration(max(0, nextAt - now).rounded(.up)))"
            : "the last \(duration(max(0, now - at))) ago"
        return "\(count), \(when): \(reason)"
    }
}

extension RoleState {
    package var words: String { reason.isEmpty ? word.rawValue : "\(word.rawValue): \(reason)" }
}

extension Canvas {
    /// Draws labels and values; where both do not fit in a row, the label keeps its row and the value goes below.
    /// Returns the row after the last.
    @discardableResult
    mutating func drawMetrics(
        _ metrics: [Metric], in area: Rectangle, token: Token, labelToken: Token = .text
    ) -> Int {
        var row = area.row
        for metric in metrics {
            let fits = textWidth(metric.label) + 1 + textWidth(metric.value) <= area.columns
            guard row < area.endRow else { return row }
            write(metric.label, row: row, column: area.column, token: labelToken, limit: area.columns)
            if !fits { row += 1 }
            guard row < area.endRow else { return row }
            writeRight(
                metric.value, row: row, endColumn: area.endColumn,
                token: metric.value == unknown ? .textMuted : token,
                limit: area.columns)
            row += 1
        }
        return row
    }
}
