import Engine
import Records

/// A number with its label, worded as in yb-voyager.
package struct Metric: Equatable, Sendable {
    package let label: String
    package let value: String

    package init(_ label: String, _ value: String) {
        self.label = label
        self.value = value
    }

    /// Whether label and value fit in one row.
    func fits(_ columns: Int) -> Bool { textWidth(label) + 1 + textWidth(value) <= columns }

    /// The number with a mark if it is not fresh.
    func marked(isStale: Bool) -> Metric {
        isStale && value != unknown ? Metric(label, value + " ?") : self
    }
}

extension MigrationStatus {
    /// The export's numbers in that direction.
    package func exportMetrics(_ direction: Records.Direction) -> [Metric] {
        let capture = capture(direction)
        // Imported events were exported, even if capture has not published them yet.
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
        // The engine's remainder is of the current direction; for the other one it is unknown.
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

    /// Details of the export: the slot and the space it needs.
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

    /// Returns the text of a position; zero is one that is not known yet.
    private func position(_ lsn: LogPosition) -> String { lsn == .zero ? unknown : lsn.description }

    private func queueInWords(_ capture: CaptureStatus) -> String {
        let waiting = capture.unappliedBytes ?? capture.queueBytes
        return bytes(waiting) + (diskLimits.queueBytesMax.map { " of " + bytes($0) } ?? "") + ", free "
            + bytes(capture.diskFreeBytes) + " (min " + DiskLimits.text(diskLimits.freeBytesMin) + ")"
    }

    /// The number of channels that apply, nil if it is one and stays one.
    package var channelsInWords: String? {
        let channels = apply?.channels ?? applyMode.channels
        if channels == applyMode.channels { return channels > 1 ? "\(channels) channels" : nil }
        return "\(channels) of \(applyMode.channels) channels"
    }

    /// Details of the import.
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
    /// `5m42s`, or words if a number would mislead.
    package var words: String {
        switch self {
        case .unknown: Console.unknown
        case .caughtUp: "done"
        case .seconds(let seconds): duration(seconds.rounded(.up))
        case .notCatchingUp: "not catching up"
        case .originUnread: "source or target unread"
        }
    }

}

extension CaptureStatus {
    /// `3.1 GiB (reserved), 4.0 GiB safe`: the WAL that the server keeps for the slot, and how much more may
    /// be written until the slot may be lost.
    package var walInWords: String {
        bytes(retainedWALBytes) + (walStatus.map { " (\($0))" } ?? "")
            + (safeWALBytes.map { ", " + bytes(max(0, $0)) + " safe" } ?? "")
    }
}

extension Retries {
    /// `3, next in 2s: reason` while the role retries, else `3, the last 5m12s ago: reason`.
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
    /// Draws labels and values. If both do not fit in a row, the value goes to the next row. Returns the row
    /// after the last.
    @discardableResult
    mutating func drawMetrics(
        _ metrics: [Metric], in area: Rectangle, token: Token, labelToken: Token = .text
    ) -> Int {
        var row = area.row
        for metric in metrics {
            let fits = metric.fits(area.columns)
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
