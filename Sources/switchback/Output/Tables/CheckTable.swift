import Engine
import Records

/// The output of `check`.
enum CheckTable {
    /// Returns a table of all checks, and below it what mends each finding.
    static func lines(_ checks: [CheckResult]) -> [String] {
        var table = ColumnTable()
        table.add(["DATABASE", "CHECK", "RESULT", "FOUND"])
        for check in checks {
            table.add([check.side.rawValue, check.name, word(check.state), short(check.found)])
        }
        let findings = checks.filter { $0.state != .ok }
        let failures = findings.filter { $0.state == .failure }.count
        let summary =
            "\(checks.count) checks: \(failures) failed, \(findings.count - failures) "
            + "\(findings.count - failures == 1 ? "warning" : "warnings")"
        return table.lines() + findings.flatMap(mend) + ["", summary]
    }

    /// Width of what was found in the table; the whole text is below it.
    private static let foundWidthMax = 48

    private static func short(_ found: String) -> String {
        found.count > foundWidthMax ? found.prefix(foundWidthMax - 1) + "…" : found
    }

    /// Returns a finding with how it is mended, and how that is taken back.
    private static func mend(_ check: CheckResult) -> [String] {
        let finding =
            ["", "\(check.side.rawValue): \(check.name)", "    found:      \(check.found)"]
            + (check.wanted.isEmpty ? [] : ["    wanted:     \(check.wanted)"])
        guard let fix = check.fix else {
            return finding + (check.remedy.isEmpty ? [] : ["    to mend it: \(check.remedy)"])
        }
        return finding
            + fix.statements.map { "    to mend it: \($0);" }
            + (fix.afterwards.isEmpty ? [] : ["    then:       \(fix.afterwards)"])
            + fix.undo.map { "    to undo:    \($0);" }
    }

    /// Returns the statements that are about to be run.
    static func statements(_ checks: [CheckResult]) -> [String] {
        checks.flatMap { check in
            (check.fix?.statements ?? []).map { "\(check.side.rawValue): \($0);" }
        }
    }

    /// Returns the line for a fix that was performed.
    static func line(_ performed: PerformedFix) -> String {
        let title = "\(performed.side.rawValue): \(performed.name)"
        if let failure = performed.failure { return "\(title): not mended: \(failure)" }
        return performed.fix.afterwards.isEmpty
            ? "\(title): mended" : "\(title): changed; \(performed.fix.afterwards)"
    }

    static func json(_ checks: [CheckResult]) throws -> String {
        /// The form of a check in JSON.
        struct Check: Encodable {
            let database: String
            let name: String
            let result: String
            let found: String
            let wanted: String
            let remedy: String
            let fix_sql: [String]
            let undo_sql: [String]
            let afterwards: String
        }
        return try JSONText.text(
            of: checks.map {
                Check(
                    database: $0.side.rawValue, name: $0.name, result: word($0.state), found: $0.found,
                    wanted: $0.wanted, remedy: $0.remedy, fix_sql: $0.fix?.statements ?? [],
                    undo_sql: $0.fix?.undo ?? [], afterwards: $0.fix?.afterwards ?? "")
            })
    }

    private static func word(_ state: CheckResult.State) -> String {
        switch state {
        case .ok: "ok"
        case .warning: "warning"
        case .failure: "failed"
        }
    }
}
