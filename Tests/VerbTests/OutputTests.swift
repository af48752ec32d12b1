import Engine
import Foundation
import Records
import Synchronization
import Testing

@testable import switchback

private func status(_ change: (inout MigrationStatus) -> Void = { _ in }) -> MigrationStatus {
    var status = MigrationStatus(
        name: "shop", migrationUUID: "6f1c", exportDirectory: "/e", phase: .streaming, fallBackEnabled: true,
        readAt: 0)
    change(&status)
    return status
}

private func capture(_ word: RoleState.Word, _ direction: Direction = .forward) -> CaptureStatus {
    var capture = CaptureStatus(direction: direction, slotName: "s", now: 0)
    capture.state.word = word
    capture.totalEvents = ChangeCounts(inserts: 123_000, updates: 400, deletes: 56)
    capture.eventsThisRun = 123_456
    capture.eventsPerSecondLast3Minutes = 22133.2
    capture.eventsPerSecondLast10Minutes = 21010.6
    return capture
}

private func apply(_ word: RoleState.Word, _ direction: Direction = .forward) -> ApplyStatus {
    var apply = ApplyStatus(direction: direction, now: 1000)
    apply.state.word = word
    apply.totalEvents = ChangeCounts(inserts: 272_572)
    apply.eventsThisRun = 272_572
    apply.eventsPerSecondLast3Minutes = 14542
    apply.eventsPerSecondLast10Minutes = 14542
    return apply
}

@Suite struct LiveTableTests {
    @Test func `the export's table is the workflow's, byte for byte`() {
        let expected = """
            | ---------------------------------------  |  ----------------------------- |
            | Metric                                   |                          Value |
            | ---------------------------------------  |  ----------------------------- |
            | Total Exported Events                    |                         123456 |
            | Total Exported Events (Current Run)      |                         123456 |
            | Export Rate(Last 3 min)                  |                      22133/sec |
            | Export Rate(Last 10 min)                 |                      21011/sec |
            | ---------------------------------------  |  ----------------------------- |
            """
        #expect(LiveTable.export(capture(.streaming)).joined(separator: "\n") == expected)
    }

    @Test func `the import's table is the workflow's, byte for byte`() {
        let expected = """
            | -----------------------------  |  ----------------------------- |
            | Metric                         |                          Value |
            | -----------------------------  |  ----------------------------- |
            | Total Imported events          |                         272572 |
            | Events Imported in this Run    |                         272572 |
            | Ingestion Rate (last 3 mins)   |               14542 events/sec |
            | Ingestion Rate (last 10 mins)  |               14542 events/sec |
            | Time taken in this Run         |                      0.83 mins |
            | Remaining Events               |                        4727427 |
            | Estimated Time to catch up     |                          5m42s |
            | -----------------------------  |  ----------------------------- |
            """
        let table = LiveTable.import(
            apply(.streaming), remaining: 4_727_427, timeToCatchUp: .seconds(342), now: 1049.8)
        #expect(table.joined(separator: "\n") == expected)
    }

    @Test func `durations are printed as Go prints them`() {
        #expect(
            [0, 59.6, 342, 3661, 86400].map(LiveTable.duration) == [
                "0s", "1m0s", "5m42s", "1h1m1s", "24h0m0s",
            ])
        #expect(LiveTable.duration(.infinity) == "-")
    }
}

@Suite struct LiveReporterTests {
    @Test func `the table comes at once and then every ten seconds`() {
        var reporter = LiveReporter(role: .exportDataFromSource, processID: 7, showsTables: true)
        let streaming = status { $0.capture = capture(.streaming) }
        #expect(reporter.table(streaming, now: 100) != nil)
        #expect(reporter.table(streaming, now: 109.9) == nil)
        #expect(reporter.table(streaming, now: 110) != nil)
        #expect(reporter.table(status { $0.capture = capture(.retrying) }, now: 200) == nil)
    }

    @Test func `disable-pb keeps the table away`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 7, showsTables: false)
        #expect(reporter.table(status { $0.apply = apply(.streaming) }, now: 0) == nil)
    }

    @Test func `the end of the snapshot's import is said once`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 7, showsTables: true)
        let during = status {
            $0.phase = .snapshot
            $0.apply = apply(.snapshot)
        }
        #expect(reporter.sentences(during).isEmpty)
        let after = status {
            $0.apply = apply(.streaming)
            $0.tables = [
                TableStatus(name: QualifiedName(schema: "public", name: "items"), importedRows: 5),
                TableStatus(name: QualifiedName(schema: "public", name: "orders"), importedRows: 1000),
            ]
        }
        #expect(
            reporter.sentences(after) == [
                "snapshot data import complete", "snapshot import report",
                "SCHEMA | TABLE  | IMPORTED ROW COUNT",
                "public | orders | 1000              ", "public | items  | 5                 ",
            ])
        #expect(reporter.sentences(after).isEmpty)
    }

    @Test func `what the engine has said itself is not said again`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 7, showsTables: true)
        reporter.heard("snapshot data import complete")
        #expect(reporter.sentences(status { $0.apply = apply(.streaming) }).isEmpty)
    }

    @Test func `during the snapshot the tables under way are shown with their sum`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 7, showsTables: true, redraws: true)
        let copying = status {
            $0.phase = .snapshot
            $0.apply = apply(.snapshot)
            $0.tables = [
                TableStatus(
                    name: QualifiedName(schema: "public", name: "items"), rowsEstimate: 90, exportedRows: 100,
                    importedRows: 100, snapshotIsDone: true),
                TableStatus(
                    name: QualifiedName(schema: "public", name: "orders"), rowsEstimate: 300,
                    exportedRows: 200,
                    importedRows: 150),
            ]
        }
        let expected = """
            | ---------------------------------------  |  ----------------------------- |
            | Snapshot                                 |                  Imported rows |
            | ---------------------------------------  |  ----------------------------- |
            | public.orders                            |               150 of 300 (50%) |
            | Tables done on both sides                |                         1 of 2 |
            | All tables                               |               250 of 400 (62%) |
            | ---------------------------------------  |  ----------------------------- |
            """
        #expect(reporter.table(copying, now: 0)?.joined(separator: "\n") == expected)
        #expect(reporter.table(copying, now: 0.5) == nil)
        #expect(reporter.table(copying, now: 1) != nil)
        // The first table of the streaming does not wait for the snapshot's pause.
        #expect(reporter.table(status { $0.apply = apply(.streaming) }, now: 1.1) != nil)
    }

    @Test func `after a cutover the process shows its new work`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 7, showsTables: true)
        let fallBack = status {
            $0.phase = .fallBack
            $0.captureProcessID = 7
            $0.applyProcessID = 8
            $0.capture = capture(.streaming, .reverse)
            $0.apply = apply(.streaming, .reverse)
        }
        _ = reporter.sentences(fallBack)
        #expect(reporter.work == .export)
        #expect(reporter.table(fallBack, now: 0)?.contains { $0.contains("Total Exported Events") } == true)
    }

    @Test func `a reason to wait is said when it changes`() {
        var reporter = LiveReporter(role: .exportDataFromSource, processID: 7, showsTables: true)
        let lost = status {
            $0.capture = capture(.retrying)
            $0.capture?.state.reason = "the source does not answer"
        }
        #expect(reporter.sentences(lost) == ["retrying: the source does not answer"])
        #expect(reporter.sentences(lost).isEmpty)
    }
}

@Suite struct LiveScreenTests {
    private final class Sheet: Sendable {
        let text = Mutex("")
        func add(_ more: String) { text.withLock { $0 += more } }
    }

    @Test func `a terminal sees the table redrawn in place`() {
        let sheet = Sheet()
        let screen = LiveScreen(redraws: true, colour: { $0 }, emit: { sheet.add($0) })
        screen.show(table: ["a", "b"])
        screen.show(table: ["c", "d"])
        screen.say("news")
        let up = "\u{1B}[2A\r\u{1B}[J"
        #expect(sheet.text.withLock { $0 } == "a\nb\n" + up + "c\nd\n" + up + "news\nc\nd\n")
    }

    @Test func `a file sees plain lines one after the other`() {
        let sheet = Sheet()
        let screen = LiveScreen(redraws: false, colour: { $0 }, emit: { sheet.add($0) })
        screen.show(table: ["a"])
        screen.say("news")
        screen.show(table: ["b"])
        #expect(sheet.text.withLock { $0 } == "a\nnews\nb\n")
    }
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

    @Test func `without fall-back there is no way back to show`() {
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

    @Test func `the JSON tells the steps`() throws {
        let json = try CutoverTable.json(done)
        for part in [
            "\"direction\" : \"source → target\"", "\"status\" : \"COMPLETED\"",
            "\"requested_at\" : \"2026-01-31 10:00:00 UTC\"", "\"detail\" : \"barrier at 0/3A1C20\"",
        ] {
            #expect(json.contains(part), "\(part)")
        }
    }

    @Test func `the progress of a cutover is said step by step`() {
        var progress = CutoverProgress()
        var cutover = CutoverStatus(
            to: .target, word: .initiated, steps: [CutoverStepStatus(title: "Fence", state: .running)])
        #expect(progress.lines(cutover) == ["running: Fence"])
        #expect(progress.lines(cutover).isEmpty)
        cutover.steps[0].state = .done
        cutover.isHeld = true
        #expect(
            progress.lines(cutover) == [
                "done: Fence", "held before the release; run approve cutover to go on",
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

    @Test func `each database has its row, and its rows are reckoned up`() {
        let report = MigrationReport(status { $0.tables = [orders] })
        #expect(report.rows.map(\.db_type) == ["source", "target"])
        // 1000 rows, 10 inserted and 2 deleted forward; 2 inserted on the source and 3 - 1 on the target since.
        #expect(report.rows.map(\.final_row_count) == [1010, 1010])
        #expect(report.rows[0].imported_inserts == 2)
        #expect(report.rows[1].exported_deletes == 1)
        let expected = [
            "TABLE         | DB_TYPE | EXPORTED      | IMPORTED      | ERRORED-IMPORTED | EXPORTED | EXPORTED | EXPORTED | IMPORTED | IMPORTED | IMPORTED | FINAL_ROW_COUNT",
            "              |         | SNAPSHOT_ROWS | SNAPSHOT_ROWS | SNAPSHOT_ROWS    | INSERTS  | UPDATES  | DELETES  | INSERTS  | UPDATES  | DELETES  |                ",
            "public.orders | source  | 1000          | 0             | 0                | 10       | 5        | 2        | 2        | 0        | 0        | 1010           ",
            "public.orders | target  | 0             | 1000          | 0                | 3        | 0        | 1        | 10       | 5        | 2        | 1010           ",
        ]
        #expect(report.lines() == expected)
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
}
