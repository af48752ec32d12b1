import Engine
import Foundation
import Records
import Support
import Testing

@testable import switchback

/// A migration whose changes stream, changed as a test needs it.
func status(_ change: (inout MigrationStatus) -> Void = { _ in }) -> MigrationStatus {
    var status = MigrationStatus(
        name: "shop", migrationUUID: "6f1c", exportDirectory: "/e", phase: .streaming, fallBackEnabled: true,
        readAt: 0)
    // Process 7 exports and process 8 imports.
    status.processIDs[.capture] = 7
    status.processIDs[.apply] = 8
    change(&status)
    return status
}

@Suite struct CutoverTableTests {
    private let done = status {
        $0.cutovers = [
            CutoverStatus(
                to: .target, word: .completed, requestedAt: 1_769_853_600,
                steps: [
                    CutoverStepStatus(title: "Write the barrier", state: .done, detail: "barrier at 0/3A1C20")
                ])
        ]
    }

    @Test func `the table is yb-voyager's`() {
        #expect(
            CutoverTable.lines(done) == [
                "CUTOVER DIRECTION | STATUS        | REQUESTED AT           ",
                "source → target   | COMPLETED     | 2026-01-31 10:00:00 UTC",
                "target → source   | NOT_INITIATED | -                      ",
            ])
    }

    @Test func `without fall-back only the cutover to the target is shown`() {
        let lines = CutoverTable.lines(status { $0.fallBackEnabled = false })
        #expect(lines.count == 2)
        #expect(lines[1].hasPrefix("source → target   | NOT_INITIATED | - "))
    }

    @Test func `grep and awk find the word`() throws {
        let awk = Process()
        awk.executableURL = URL(fileURLWithPath: "/bin/sh")
        awk.arguments = ["-c", "grep 'source → target' | awk -F'|' '{print $2}' | tr -d '[:blank:]'"]
        let (input, output) = (Pipe(), Pipe())
        awk.standardInput = input
        awk.standardOutput = output
        try awk.run()
        try input.fileHandleForWriting.write(
            contentsOf: Data(CutoverTable.lines(done).joined(separator: "\n").utf8))
        try input.fileHandleForWriting.close()
        #expect(try SwitchbackProcess.text(output) == "COMPLETED\n")
        awk.waitUntilExit()
    }

    @Test func `colours do not move the columns`() {
        let coloured = CutoverTable.lines(done) { text, colour in "<\(colour.rawValue)>" + text + "<0>" }
        #expect(coloured[1] == "source → target   | <32>COMPLETED    <0> | 2026-01-31 10:00:00 UTC")
    }

    @Test func `the JSON has the steps`() throws {
        let json = try CutoverTable.json(done)
        for part in [
            "\"direction\" : \"source → target\"", "\"status\" : \"COMPLETED\"",
            "\"requested_at\" : \"2026-01-31T10:00:00.000000Z\"", "\"to\" : \"target\"",
            "\"detail\" : \"barrier at 0/3A1C20\"",
        ] {
            #expect(json.contains(part), "\(part)")
        }
    }

    @Test func `the JSON has the stopwatch, and of each step its time, its bound and its progress`() throws {
        let status = FakeMigration.cuttingOver().status
        let json = try CutoverTable.json(status)
        let cutover = try #require(
            (JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])?.first)
        let stopwatch = try #require(cutover["stopwatch"] as? [String: Any])
        #expect(stopwatch["seconds"] as? Double == 27 && stopwatch["ended_at"] == nil)
        let steps = try #require(cutover["steps"] as? [[String: Any]])
        let drain = try #require(steps.first { ($0["title"] as? String)?.hasPrefix("Drain") == true })
        #expect(drain["seconds"] as? Double == 2)
        #expect(drain["aborts_at"] == nil && drain["progress"] == nil)
        let running = try #require(steps.first { $0["state"] as? String == "running" })
        let progress = try #require(running["progress"] as? [String: Any])
        #expect(progress["done"] as? Int == 3_000_000 && progress["total"] as? Int == 9_000_000)
        #expect(progress["unit"] as? String == "rows")
        #expect((progress["per_second"] as? Double).map { abs($0 - 157_894) < 1 } == true)
    }

    @Test func `a step says what it waits for, and how long at most, while it runs and at no other time`()
        throws
    {
        for state in [CutoverStepStatus.State.pending, .running, .done, .undone] {
            var step = CutoverStepStatus(title: "Drain", state: state, startedAt: 10)
            step.step = .drain
            step.waitSecondsMax = 900
            let cutover = CutoverStatus(to: .target, word: .initiated, steps: [step])
            let json = try CutoverTable.json(status { $0.cutovers = [cutover] })
            #expect(json.contains("waits_for\"") == (state == .running), "\(state)")
            #expect(json.contains("wait_seconds_max\" : 900") == (state == .running), "\(state)")
        }
    }

    @Test func `the progress of a cutover is printed step by step`() {
        var progress = CutoverProgress()
        var cutover = CutoverStatus(
            to: .target, word: .initiated, steps: [CutoverStepStatus(title: "Fence", state: .running)])
        #expect(progress.lines(cutover) == ["running: Fence"])
        #expect(progress.lines(cutover).isEmpty)
        cutover.steps[0].state = .done
        cutover.awaitsApproval = true
        #expect(
            progress.lines(cutover) == [
                "done: Fence", "awaiting approval before the release; run approve cutover to continue",
            ])
        #expect(progress.lines(cutover).isEmpty)
    }
}

@Suite struct MigrationReportTests {
    private let orders = TableStatus(
        name: QualifiedName(schema: "public", name: "orders"), exportedRows: 1000, importedRows: 1000,
        exported: [
            .forward: ChangeCounts(inserts: 10, updates: 5, deletes: 2),
            .reverse: ChangeCounts(inserts: 3, deletes: 1),
        ],
        imported: [
            .forward: ChangeCounts(inserts: 10, updates: 5, deletes: 2), .reverse: ChangeCounts(inserts: 2),
        ])

    @Test func `each database has its row, with the sum of its rows`() {
        let report = MigrationReport(status { $0.tables = [orders] })
        #expect(report.rows.map(\.db_type) == ["source", "target"])
        // 1000 rows, 10 inserted and 2 deleted forward; 2 inserted on the source and 3 - 1 on the target
        // since.
        #expect(report.rows.map(\.final_row_count) == [1010, 1010])
        #expect(report.rows[0].imported_inserts == 2)
        #expect(report.rows[1].exported_deletes == 1)
        let expected = [
            "TABLE         | DB_TYPE | EXPORTED      | IMPORTED      | ERRORED-IMPORTED | EXPORTED | "
                + "EXPORTED | EXPORTED | IMPORTED | IMPORTED | IMPORTED | FINAL_ROW_COUNT",
            "              |         | SNAPSHOT_ROWS | SNAPSHOT_ROWS | SNAPSHOT_ROWS    | INSERTS  | "
                + "UPDATES  | DELETES  | INSERTS  | UPDATES  | DELETES  |                ",
            "public.orders | source  | 1000          | 0             | 0                | 10       | 5      "
                + "  | 2        | 2        | 0        | 0        | 1010           ",
            "public.orders | target  | 0             | 1000          | 0                | 3        | 0      "
                + "  | 1        | 10       | 5        | 2        | 1010           ",
        ]
        #expect(report.lines() == expected)
    }

    @Test func `changes that were not applied follow below the table, if there are any`() throws {
        var table = orders
        table.incidents = [
            .forward: IncidentCounts(stashed: 3), .reverse: IncidentCounts(stopped: 1, mended: 2),
        ]
        let report = MigrationReport(status { $0.tables = [table] })
        #expect(
            report.lines().suffix(4) == [
                "",
                "TABLE         | DB_TYPE | ERRORED-IMPORTED EVENTS | STOPPED BEFORE",
                "public.orders | source  | 0                       | 1             ",
                "public.orders | target  | 3                       | 0             ",
            ])
        #expect(try report.json().contains("\"errored_imported_events\" : 3"))
    }

    @Test func `tables whose changes are not applied are named with the reason`() {
        var table = orders
        table.note = TableNote(word: .setAside, reason: "the source has a new column note (text)", since: 1)
        #expect(
            MigrationReport(status { $0.tables = [table] }).lines().suffix(3) == [
                "", "TABLE         | STATE     | REASON                                 ",
                "public.orders | set aside | the source has a new column note (text)",
            ])
    }

    @Test func `a page has thirty rows`() {
        let tables = (0..<16).map { TableStatus(name: QualifiedName(schema: "s", name: "t\($0)")) }
        let lines = MigrationReport(status { $0.tables = tables }).lines()
        #expect(lines.count { $0.hasPrefix("TABLE") } == 2)
        #expect(lines.count == 2 + 30 + 1 + 2 + 2)
    }

    @Test func `the JSON has yb-voyager's keys`() throws {
        let json = try MigrationReport(status { $0.tables = [orders] }).json()
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(
            Set(rows[0].keys) == [
                "table_name", "db_type", "exported_snapshot_rows", "imported_snapshot_rows",
                "errored_imported_snapshot_rows", "imported_inserts", "imported_updates", "imported_deletes",
                "exported_inserts", "exported_updates", "exported_deletes", "final_row_count",
            ])
    }

    @Test func `objects that are not carried have a section of their own, and a file with all names`() throws
    {
        let findings = [
            NotCarried(kind: .largeObject, names: [], count: 12),
            NotCarried(kind: .grant, names: ["a.t1", "a.t2", "a.t3", "a.t4"], count: 4),
        ]
        let report = MigrationReport(status { $0.tables = [] }, notCarried: findings)
        let section = report.lines().suffix(3)
        #expect(section.first?.hasPrefix("NOT CARRIED   | COUNT | WHICH") == true, "\(section)")
        #expect(
            section.last?.contains("| 4     | a.t1, a.t2, a.t3 and 1 more | none comes") == true, "\(section)"
        )
        let json = try NotCarriedReport.json(findings)
        #expect(json.contains("\"a.t4\"") && json.contains("\"kind\" : \"large object\""))
        #expect(MigrationReport(status { $0.tables = [] }).lines().allSatisfy { !$0.contains("NOT CARRIED") })
    }
}
