import Engine
import Foundation
import Records

/// The output of `verify --show`: what the worker's verification has proved.
enum VerificationTable {
    /// 0: every table is proved and no row differs. 1: rows differ. 2: something is not proved.
    static func exitCode(_ status: VerificationStatus) -> Int32 {
        if status.differences > 0 { return 1 }
        return status.provedTables == status.tables.count && status.openRows == 0 ? 0 : 2
    }

    static func lines(
        _ status: VerificationStatus, _ found: FoundDifferences?, showsValues: Bool, now: Double
    ) -> [String] {
        var table = ColumnTable()
        table.add(["TABLE", "PROVED AT", "AGE", "UP TO", "ROWS NOT PROVED", "ROWS READ", "DIFFERENCES"])
        for entry in status.tables {
            table.add([
                "\(entry.name)", entry.provedAt.map(UTCTime.seconds) ?? "-",
                entry.provedAt.map { "\(Int(max(0, now - $0))) s" } ?? "-",
                entry.position.map { "\($0)" } ?? "-", "\(entry.openRows)",
                entry.entry.map { "\($0.rows)" } ?? "-", entry.entry.map { "\($0.differences)" } ?? "-",
            ])
        }
        let differences = (found?.differences ?? []).flatMap {
            VerifyTable.lines($0, found?.direction ?? .forward, showsValues: showsValues)
        }
        return heading(status, now: now) + [""] + table.lines()
            + (differences.isEmpty ? [] : [""] + differences)
    }

    private static func heading(_ status: VerificationStatus, now: Double) -> [String] {
        var lines = ["Verification: \(status.state)"]
        if let published = status.published {
            let left = published.secondsLeft.map { ", \(Int($0)) s left" } ?? ""
            let rate = published.rowsPerSecond.map { ", \(Int($0)) rows/s" } ?? ""
            lines.append(
                "Pass \(published.pass): \(published.rows) of about \(published.rowsEstimate) "
                    + "rows\(rate)\(left)"
            )
            if let last = published.lastPass {
                lines.append(
                    "Last pass: ended \(UTCTime.seconds(last.endedAt)) UTC, \(counted(last.rows, "row")) in "
                        + "\(Int(max(0, last.endedAt - last.startedAt))) s, \(last.outcome.rawValue)")
            }
        }
        lines.append(
            "\(status.provedTables) of \(counted(status.tables.count, "table")) proved, "
                + "\(counted(status.openRows, "row")) not")
        return lines
    }

    // MARK: JSON

    /// The form of a table in JSON.
    private struct TableForm: Encodable {
        let table: String
        let proved_at: String?
        let position: String?
        let rows_not_proved: Int
        let rows_read: Int64?
        let differences: Int64?
        let reason: String?
    }

    /// The form of a pass in JSON.
    private struct PassForm: Encodable {
        let started_at: String
        let ended_at: String
        let rows: Int64
        let differences: Int64
        let outcome: String
    }

    /// The form of the whole in JSON.
    private struct Form: Encodable {
        let state: String
        let on: Bool
        let rows_per_second_max: Int?
        let process: Int32?
        let pass: Int?
        let rows: Int64?
        let rows_estimate: Int64?
        let rows_per_second: Double?
        let seconds_left: Double?
        let waits_for: String?
        let last_pass: PassForm?
        let proved_tables: Int
        let rows_not_proved: Int
        let tables: [TableForm]
        let differences: [VerifyTable.DifferenceForm]
    }

    static func json(_ status: VerificationStatus, _ found: FoundDifferences?, showsValues: Bool) throws
        -> String
    {
        let published = status.published
        return try JSONText.text(
            of: Form(
                state: status.state, on: status.choice.isOn,
                rows_per_second_max: status.choice.rowsPerSecondMax, process: status.processID,
                pass: published?.pass, rows: published?.rows, rows_estimate: published?.rowsEstimate,
                rows_per_second: published?.rowsPerSecond, seconds_left: published?.secondsLeft,
                waits_for: published?.waitsFor,
                last_pass: published?.lastPass.map {
                    PassForm(
                        started_at: UTCTime.standard($0.startedAt), ended_at: UTCTime.standard($0.endedAt),
                        rows: $0.rows, differences: $0.differences, outcome: $0.outcome.rawValue)
                }, proved_tables: status.provedTables, rows_not_proved: status.openRows,
                tables: status.tables.map {
                    TableForm(
                        table: "\($0.name)", proved_at: $0.provedAt.map(UTCTime.standard),
                        position: $0.position.map { "\($0)" }, rows_not_proved: $0.openRows,
                        rows_read: $0.entry?.rows, differences: $0.entry?.differences,
                        reason: $0.entry?.reason)
                },
                differences: (found?.differences ?? []).map {
                    VerifyTable.DifferenceForm($0, showsValues: showsValues)
                }))
    }
}
