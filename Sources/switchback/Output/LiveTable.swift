import Engine
import Foundation
import Records

/// The table of metrics that a long-running verb shows while changes stream, in yb-voyager's words and
/// widths.
enum LiveTable {
    /// Returns the lines of the table of `export data from source` and `export data from target`.
    static func export(_ capture: CaptureStatus) -> [String] {
        lines(
            labelWidth: 40,
            [
                ("Metric", "Value"),
                ("Total Exported Events", "\(capture.totalEvents.total)"),
                ("Total Exported Events (Current Run)", "\(capture.eventsThisRun)"),
                ("Export Rate(Last 3 min)", "\(whole(capture.eventsPerSecondLast3Minutes))/sec"),
                ("Export Rate(Last 10 min)", "\(whole(capture.eventsPerSecondLast10Minutes))/sec"),
            ],
            ours: [
                ("WAL retained", wal(capture)),
                ("Changes not applied yet", capture.unappliedBytes.map(DiskLimits.text) ?? "-"),
                ("Retries", text(of: capture.retries)),
            ])
    }

    /// Lines of the table of `import data to target` and `import data to source`.
    static func `import`(_ apply: ApplyStatus, remaining: Int64?, timeToCatchUp: CatchUp, now: Double)
        -> [String]
    {
        let minutes = max(0, now - apply.runStartedAt) / 60
        return lines(
            labelWidth: 30,
            [
                ("Metric", "Value"),
                ("Total Imported events", "\(apply.totalEvents.total)"),
                ("Events Imported in this Run", "\(apply.eventsThisRun)"),
                ("Ingestion Rate (last 3 mins)", "\(whole(apply.eventsPerSecondLast3Minutes)) events/sec"),
                ("Ingestion Rate (last 10 mins)", "\(whole(apply.eventsPerSecondLast10Minutes)) events/sec"),
                ("Time taken in this Run", String(format: "%.2f mins", minutes)),
                ("Remaining Events", remaining.map(String.init) ?? "-"),
                ("Estimated Time to catch up", text(of: timeToCatchUp)),
            ], ours: [("Retries", text(of: apply.retries))])
    }

    /// `5m42s`, as Go prints a duration, in whole seconds.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "-" }
        let whole = Int(seconds.rounded())
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        if hours > 0 { return "\(hours)h\(minutes)m\(rest)s" }
        return minutes > 0 ? "\(minutes)m\(rest)s" : "\(rest)s"
    }

    private static func text(of time: CatchUp) -> String {
        switch time {
        case .unknown: "-"
        case .caughtUp: "0s"
        case .seconds(let seconds): duration(seconds)
        case .notCatchingUp: "not catching up"
        case .originUnread(let known): "\(known) known, more unread"
        }
    }

    /// `3 GB (extended), 4 GB safe`
    private static func wal(_ capture: CaptureStatus) -> String {
        (capture.retainedWALBytes.map { DiskLimits.text(max(0, $0)) } ?? "-")
            + (capture.walStatus.map { " (\($0))" } ?? "")
            + (capture.safeWALBytes.map { ", \(DiskLimits.text(max(0, $0))) safe" } ?? "")
    }

    private static func text(of retries: Retries) -> String {
        retries.count == 0 ? "0" : "\(retries.count), last \(UTCTime.seconds(retries.at))"
    }

    private static func whole(_ rate: Double) -> Int64 {
        rate.isFinite ? Int64(max(0, min(rate, 1e15)).rounded()) : 0
    }

    /// Returns rows of a label and a value between rules; the first row is the header. Rows that yb-voyager
    /// does not have follow below its table.
    static func lines(labelWidth: Int, _ rows: [(String, String)], ours: [(String, String)] = []) -> [String]
    {
        func row(_ label: String, _ value: String) -> String {
            "| \(label.padded(to: labelWidth)) | \(value.aligned(rightTo: 30)) |"
        }
        let rule = row(String(repeating: "-", count: labelWidth - 1), String(repeating: "-", count: 29))
        let body = rows.map { row($0.0, $0.1) }
        let below = ours.map { row($0.0, $0.1) }
        return [rule, body[0], rule] + body.dropFirst() + [rule] + (below.isEmpty ? [] : below + [rule])
    }
}
