import Foundation

/// The report as a table in Markdown, aligned for a terminal.
struct ReportTable {
    let report: BenchReport

    var text: String {
        var lines = [
            "\(report.machine); PostgreSQL \(report.serverVersion); \(report.transport); durability "
                + "\(report.durability.rawValue); "
                + ((report.channels ?? 1) > 1 ? "\(report.channels ?? 1) channels; " : "")
                + "commit \(report.commit); \(report.date); scale \(number(report.scale, 2))", "",
        ]
        let drains = report.workloads.map(row)
        if !drains.isEmpty {
            lines += table(
                [
                    "Workload", "Changes", "Ours, changes/s", "Native, changes/s", "Limit, changes/s",
                    "Ours : native", "Ours : limit", "CPU µs/change", "CPU engine : servers",
                    "RSS capture, apply",
                ], drains)
        }
        if let latency = report.latency {
            lines.append("")
            lines += table(
                ["Latency", "Commits/s", "p50 ms", "p99 ms", "Greatest ms", "Own error ms"],
                [("ours", latency.ours), ("native", latency.native)].map { name, series in
                    [
                        name, number(series.commitsPerSecond, 0), number(series.p50Milliseconds, 2),
                        number(series.p99Milliseconds, 2), number(series.maxMilliseconds, 1),
                        number(series.ownErrorP99Milliseconds, 2),
                    ]
                })
        }
        if let snapshot = report.snapshot {
            let seconds = [snapshot.ours, snapshot.pgcopydb, snapshot.limit].map { median($0) }
            if lines.last != "" { lines.append("") }
            lines += table(
                ["Snapshot", "MB", "Ours, s", "pgcopydb, s", "Limit, s", "Ours : pgcopydb", "Ours : limit"],
                [
                    [snapshot.summary, "\(snapshot.databaseBytes >> 20)"]
                        + seconds.map { $0.map { number($0, 2) } ?? "–" }
                        + [ratio(seconds[1], seconds[0]), ratio(seconds[2], seconds[0])]
                ])
            lines += snapshot.notes
        }
        for result in report.workloads {
            for note in result.notes { lines.append("\(result.name): \(note)") }
        }
        return lines.joined(separator: "\n")
    }

    private func row(_ result: WorkloadResult) -> [String] {
        func rate(_ drains: [Drain]) -> Double? {
            median(drains.map(\.seconds)).map { Double(result.changes) / $0 }
        }
        let (ours, native, limit) = (rate(result.ours), rate(result.native), rate(result.limit))
        let cpu = median(result.ours.map { $0.engineCPUSeconds / Double(result.changes) * 1e6 })
        let share = median(result.ours.map { $0.engineCPUSeconds / $0.serversCPUSeconds })
        let capture = result.ours.map(\.capturePeakBytes).max().map { "\($0 >> 20)" } ?? "–"
        let apply = result.ours.map(\.applyPeakBytes).max().map { "\($0 >> 20) MB" } ?? "–"
        return [
            result.name, "\(result.changes)", ours.map { number($0, 0) } ?? "–",
            native.map { number($0, 0) } ?? "–",
            limit.map { number($0, 0) } ?? "–", ratio(ours, native), ratio(ours, limit),
            cpu.map { number($0, 2) } ?? "–",
            share.map { number($0, 2) } ?? "–", "\(capture), \(apply)",
        ]
    }

    private func ratio(_ left: Double?, _ right: Double?) -> String {
        guard let left, let right else { return "–" }
        return number(left / right, 2)
    }

    private func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    private func table(_ head: [String], _ rows: [[String]]) -> [String] {
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = cells.enumerated().map { index, cell in
                let fill = String(repeating: " ", count: widths[index] - cell.count)
                return index == 0 ? cell + fill : fill + cell
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = widths.enumerated().map { index, width in
            index == 0
                ? String(repeating: "-", count: width + 2) : String(repeating: "-", count: width + 1) + ":"
        }
        return [line(head), "|" + rule.joined(separator: "|") + "|"] + rows.map(line)
    }
}
