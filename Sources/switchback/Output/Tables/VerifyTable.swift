import Engine
import Records

/// The output of `verify`.
enum VerifyTable {
    static func exitCode(_ outcome: VerifyReport.Outcome) -> Int32 {
        switch outcome {
        case .equal: 0
        case .differs: 1
        case .unproved: 2
        }
    }

    /// Returns a line for each table, one for each difference, and the summary.
    static func lines(_ report: VerifyReport, showsValues: Bool) -> [String] {
        var table = ColumnTable()
        table.add(["TABLE", "ROWS", "PROVED AT", "DIFFERENCES", "RESULT"])
        for entry in report.tables {
            table.add([
                "\(entry.table)", "\(entry.rows)", entry.isProved ? UTCTime.seconds(entry.endedAt) : "",
                "\(entry.differences)", result(entry),
            ])
        }
        let differences = report.differences.flatMap {
            lines($0, report.direction, showsValues: showsValues)
        }
        let sequences = (report.sequences ?? []).map { "\($0) on the other side" }
        let found = differences + sequences
        return table.lines() + (found.isEmpty ? [] : [""] + found) + ["", summary(report)]
    }

    static func summary(_ report: VerifyReport) -> String {
        let count = report.tables.map(\.differences).reduce(0, +) + Int64(report.sequences?.count ?? 0)
        let sides = "\(report.direction.origin.rawValue) and \(report.direction.destination.rawValue)"
        let rows = "\(counted(report.rows, "row")) of \(counted(report.tables.count, "table"))"
        return switch report.outcome {
        case .equal: "\(sides) are equal: \(rows)"
        case .differs: "\(sides) differ: \(counted(count, "difference")) in \(rows)"
        case .unproved: "\(sides) are not proved equal: \(rows) were read and no difference was found"
        }
    }

    private static func result(_ entry: VerifyReport.Entry) -> String {
        if let reason = entry.reason { return "not verified: \(ShownName.onOneLine(reason))" }
        let parts =
            (entry.partsLeft > 0
                ? ["\(counted(entry.partsLeft, "part")) not proved, with too many changes to compare"] : [])
            + (entry.unsettledRows > 0
                ? ["\(counted(entry.unsettledRows, "row")) written too often to compare"] : [])
        if entry.isProved { return "equal" }
        return ((entry.differences > 0 ? ["differs"] : []) + parts).joined(separator: ", ")
    }

    static func lines(_ difference: RowDifference, _ direction: Direction, showsValues: Bool)
        -> [String]
    {
        let (origin, destination) = (direction.origin.rawValue, direction.destination.rawValue)
        let key = difference.key.values.map(ShownName.onOneLine).joined(separator: ", ")
        let what =
            switch difference.kind {
            case .missing: "missing on \(destination)"
            case .extra: "only on \(destination)"
            case .different: "different" + columns(difference)
            case .number:
                "\(difference.originRows) times on \(origin), \(difference.destinationRows) times on "
                    + destination
            }
        let line = "\(difference.table) (\(key)): \(what)"
        guard showsValues else { return [line] }
        return [line]
            + [(origin, difference.originValues), (destination, difference.destinationValues)].compactMap {
                side, values in values.map { "    \(side): \(text($0))" }
            }
    }

    private static func columns(_ difference: RowDifference) -> String {
        difference.columns.isEmpty
            ? "" : ": " + difference.columns.map(ShownName.onOneLine).joined(separator: ", ")
    }

    /// The values with quotes, so that an empty text is not NULL.
    private static func text(_ values: [String?]) -> String {
        values.map { $0.map { "'\(ShownName.onOneLine($0))'" } ?? "NULL" }.joined(separator: ", ")
    }

    // MARK: JSON

    /// The form of a table in JSON.
    private struct TableForm: Encodable {
        let table: String
        let rows: Int64
        let proved: Bool
        let position: String?
        let ended_at: String
        let differences: Int64
        let unsettled_rows: Int64
        let parts_left: Int64
        let reason: String?
    }

    /// The form of a difference in JSON.
    struct DifferenceForm: Encodable {
        let table: String
        let kind: String
        let key: [String]
        let columns: [String]
        let origin_rows: Int64
        let destination_rows: Int64
        let origin_values: [String?]?
        let destination_values: [String?]?

        init(_ difference: RowDifference, showsValues: Bool) {
            table = "\(difference.table)"
            kind = difference.kind.rawValue
            key = difference.key.values
            columns = difference.columns
            origin_rows = difference.originRows
            destination_rows = difference.destinationRows
            origin_values = showsValues ? difference.originValues : nil
            destination_values = showsValues ? difference.destinationValues : nil
        }
    }

    /// The form of a report in JSON.
    private struct Form: Encodable {
        let origin: String
        let destination: String
        let outcome: String
        let started_at: String
        let ended_at: String
        let rows: Int64
        let tables: [TableForm]
        let differences: [DifferenceForm]
        let sequences: [String]
    }

    static func json(_ report: VerifyReport, showsValues: Bool) -> String {
        let form = Form(
            origin: report.direction.origin.rawValue, destination: report.direction.destination.rawValue,
            outcome: report.outcome.rawValue, started_at: UTCTime.standard(report.startedAt),
            ended_at: UTCTime.standard(report.endedAt), rows: report.rows,
            tables: report.tables.map {
                TableForm(
                    table: "\($0.table)", rows: $0.rows, proved: $0.isProved,
                    position: $0.position.map { "\($0)" },
                    ended_at: UTCTime.standard($0.endedAt), differences: $0.differences,
                    unsettled_rows: $0.unsettledRows, parts_left: $0.partsLeft, reason: $0.reason)
            },
            differences: report.differences.map { DifferenceForm($0, showsValues: showsValues) },
            sequences: (report.sequences ?? []).map(\.description))
        // A form of texts and numbers is always encoded.
        do { return try JSONText.text(of: form) } catch { return "{\"outcome\": \"\(error)\"}" }
    }
}
