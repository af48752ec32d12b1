import Engine
import Foundation
import Records
import Testing

@testable import switchback

/// The output of `verify`: its lines, its JSON, its exit codes and the file of the repairs.
@Suite struct VerifyTableTests {
    private static func report(differs: Bool) -> VerifyReport {
        var report = VerifyReport(direction: .forward, startedAt: 0)
        report.endedAt = 1
        var entry = VerifyReport.Entry(table: "public.item")
        entry.rows = 7
        entry.position = LogPosition(number: 5)
        report.tables = [entry]
        guard differs else { return report }
        report.tables[0].differences = 1
        let row = { (sum: String) in
            ReadRow(key: RowKey(["3"]), digest: RowDigest(rows: 1, sum: sum), version: "")
        }
        var difference = RowDifference(
            table: "public.item", key: RowKey(["3"]), origin: row("a"), destination: row("b"))
        difference.take(origin: ["3", nil], destination: ["3", "se\ncret"], names: ["id", "note"])
        difference.repair = ["update only \"public\".\"item\" set \"note\" = null where \"id\" = '3'::bigint"]
        report.differences = [difference]
        return report
    }

    @Test func `verify says by its exit code and its lines what it found`() throws {
        let equal = Self.report(differs: false)
        #expect(VerifyTable.exitCode(equal.outcome) == 0)
        #expect(
            VerifyTable.lines(equal, showsValues: false).last
                == "source and target are equal: 7 rows of 1 table")
        let other = Self.report(differs: true)
        #expect(VerifyTable.exitCode(other.outcome) == 1)
        var unproved = equal
        unproved.tables[0].reason = "it is gone"
        #expect(VerifyTable.exitCode(unproved.outcome) == 2)
        unproved.tables[0].reason = nil
        unproved.tables[0].unsettledRows = 1
        #expect(VerifyTable.exitCode(unproved.outcome) == 2)
        let (command, _) = try Switchback.parse(["verify", "-e", "/e", "--once", "--repair-sql", "/f"])
        let verb = try #require(command as? VerifyRows)
        #expect(verb.once && verb.repairSql == "/f" && !verb.showValues)
        #expect(RepairFile(other).text.contains("begin;\nupdate only"))
    }

    @Test func `values are shown on request only`() throws {
        let report = Self.report(differs: true)
        let plain = VerifyTable.lines(report, showsValues: false)
        #expect(plain.contains("public.item (3): different: note"))
        #expect(!plain.contains { $0.contains("cret") })
        let full = VerifyTable.lines(report, showsValues: true)
        #expect(
            full.contains("    source: '3', NULL") && full.contains { $0.hasPrefix("    target: '3', 'se") })
        #expect(!full.contains { $0.contains("\n") })
        #expect(!VerifyTable.json(report, showsValues: false).contains("cret"))
        let json = try JSONSerialization.jsonObject(
            with: Data(VerifyTable.json(report, showsValues: true).utf8))
        let form = try #require(json as? [String: Any])
        let first = try #require((form["differences"] as? [[String: Any]])?.first)
        #expect(form["outcome"] as? String == "differs" && first["key"] as? [String] == ["3"])
        #expect((first["destination_values"] as? [Any])?.last as? String == "se\ncret")
    }

    @Test func `the file of the repairs is that of the last pass, and only its owner reads it`() throws {
        let directory = NSTemporaryDirectory() + "switchback-repair-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let path = directory + "/repair.sql"
        try RepairFile(Self.report(differs: false)).write(to: path)
        try RepairFile(Self.report(differs: true)).write(to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("update only"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["repair.sql"])
        #expect(throws: RequestRefused.self) {
            try RepairFile(Self.report(differs: true)).write(to: directory + "/none/repair.sql")
        }
    }

    @Test func `parts that were not proved are named, and are no difference`() {
        var report = Self.report(differs: false)
        report.tables[0].partsLeft = 3
        let lines = VerifyTable.lines(report, showsValues: false)
        #expect(lines[1].contains("3 parts not proved, with too many changes to compare"))
        #expect(VerifyTable.exitCode(report.outcome) == 2)
    }

    @Test func `a wrong command line of verify does not look like a difference`() async {
        #expect(await Switchback.run(["verify", "--no-such-flag"]) == 2)
        #expect(await Switchback.run(["check", "--no-such-flag"]) == 1)
    }

    @Test func `a budget is a time with its unit`() {
        #expect(TimeSpan(argument: "30s")?.seconds == 30 && TimeSpan(argument: "500ms")?.seconds == 0.5)
        #expect(TimeSpan(argument: "2M")?.seconds == 120)
        for text in ["30", "0s", "-1s", "s", "1.5s", "1h"] { #expect(TimeSpan(argument: text) == nil) }
    }
}

/// The output of `verify --show`, and the flags that ask the worker.
@Suite struct VerificationTableTests {
    private static func status(differences: Int64, open: Int, proved: Bool = true) -> VerificationStatus {
        var table = VerificationStatus.Table(name: "public.item")
        table.provedAt = proved ? 90 : nil
        table.position = LogPosition(number: 5)
        table.openRows = open
        var entry = VerifyReport.Entry(table: "public.item")
        (entry.rows, entry.differences) = (7, differences)
        table.entry = entry
        var published = VerifyStatus(processID: 4, leg: 1, direction: .forward, startedAt: 80)
        (published.pass, published.rows, published.rowsEstimate, published.rowsPerSecond) = (2, 3, 9, 2)
        published.lastPass = VerifyStatus.Pass(
            startedAt: 60, endedAt: 70, rows: 7, differences: differences, outcome: .equal)
        return VerificationStatus(
            choice: VerificationChoice(isOn: true), processID: 4, published: published, tables: [table])
    }

    @Test func `what the worker has proved is shown with its age, its rate and its exit code`() throws {
        let lines = VerificationTable.lines(
            Self.status(differences: 0, open: 0), nil, showsValues: false, now: 100)
        #expect(lines[0] == "Verification: running")
        #expect(lines[1] == "Pass 2: 3 of about 9 rows, 2 rows/s, 3 s left")
        #expect(lines[2].hasSuffix("7 rows in 10 s, equal") && lines[3] == "1 of 1 table proved, 0 rows not")
        #expect(lines.contains { $0.hasPrefix("public.item") && $0.contains("10 s") })
        #expect(VerificationTable.exitCode(Self.status(differences: 0, open: 0)) == 0)
        #expect(VerificationTable.exitCode(Self.status(differences: 1, open: 1)) == 1)
        #expect(VerificationTable.exitCode(Self.status(differences: 0, open: 1)) == 2)
        #expect(VerificationTable.exitCode(Self.status(differences: 0, open: 0, proved: false)) == 2)
        let json = try VerificationTable.json(
            Self.status(differences: 0, open: 2), nil, showsValues: false)
        let form = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(form["rows_not_proved"] as? Int == 2 && form["seconds_left"] as? Double == 3)
    }

    @Test func `the worker is asked by one flag, for all tables`() throws {
        let (command, _) = try Switchback.parse(["verify", "-e", "/e", "--start", "--rows-per-second", "9"])
        let verb = try #require(command as? VerifyRows)
        #expect(verb.start && !verb.stop && !verb.show && verb.rowsPerSecond == 9)
        for wrong in [["--start", "--stop"], ["--start", "--tables", "t"], ["--stop", "--once"]] {
            #expect(throws: (any Error).self) { try Switchback.parse(["verify", "-e", "/e"] + wrong) }
        }
    }
}

/// The stopwatch, the budget and the readiness in the output of `cutover status`.
@Suite struct StopwatchLinesTests {
    private static func status(budget: Double?) -> MigrationStatus {
        var status = MigrationStatus(
            name: "orders", migrationUUID: "6f1c", exportDirectory: "/e", phase: .cutoverToTarget,
            readAt: 110)
        var cutover = CutoverStatus(to: .target, word: .initiated, requestedAt: 90)
        cutover.budgetSeconds = budget
        var fence = CutoverStepStatus(title: "Fence", state: .done, startedAt: 100, endedAt: 100.25)
        fence.step = .fence
        var drain = CutoverStepStatus(title: "Drain", state: .running, startedAt: 101)
        drain.step = .drain
        cutover.steps = [fence, drain]
        status.cutovers = [cutover]
        return status
    }

    @Test func `cutover status shows the time of each step and the budget`() throws {
        let lines = CutoverTable.lines(Self.status(budget: 30))
        #expect(lines.contains("The application is held for 10.0 s of a budget of 30.0 s:"))
        #expect(lines.contains { $0.hasPrefix("Fence") && $0.contains("250 ms") })
        #expect(lines.contains { $0.hasPrefix("Drain") && $0.contains("9.0 s, running") })
        #expect(CutoverTable.lines(Self.status(budget: nil)).contains("The application is held for 10.0 s:"))
        let json = try CutoverTable.json(Self.status(budget: 30))
        #expect(json.contains("\"budget_seconds\" : 30") && json.contains("\"budget_left_seconds\" : 20"))
        #expect(json.contains("\"laps\""))
    }

    @Test func `status and cutover status say what a switch back would take`() {
        var status = Self.status(budget: nil)
        status.readiness = FallBackReadiness(
            seconds: 1.23, isRehearsed: true, unprovedRows: 0, foreignKeys: 1, foreignKeySeconds: 41)
        let words = "Switching back now: 1.2 s, 0 rows unproved, 1 foreign key validates in about 41.0 s."
        #expect(CutoverTable.lines(status).contains(words))
        #expect(HealthTable.lines(MigrationHealth(status), status).contains(words))
        let unknown = FallBackReadiness(seconds: nil, unprovedRows: nil, unprovedTables: 2, foreignKeys: 2)
        #expect(
            unknown.words
                == "switching back now: time not known, 2 tables not proved, 2 foreign keys validate, time "
                + "not known")
        let some = FallBackReadiness(seconds: 2, unprovedRows: 3)
        #expect(
            some.words
                == "switching back now: about 2.0 s, at most 3 rows unproved, no foreign key to validate")
    }
}
