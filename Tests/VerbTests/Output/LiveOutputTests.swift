import Engine
import Foundation
import Records
import Synchronization
import Testing

@testable import switchback

private func capture(_ word: RoleState.Word, _ direction: Direction = .forward) -> CaptureStatus {
    var capture = CaptureStatus(direction: direction, slotName: "s", now: 0)
    capture.start = direction == .forward ? .snapshot : .position
    capture.state.word = word
    capture.totalEvents = ChangeCounts(inserts: 123_000, updates: 400, deletes: 56)
    capture.eventsThisRun = 123_456
    capture.eventsPerSecondLast3Minutes = 22133.2
    capture.eventsPerSecondLast10Minutes = 21010.6
    return capture
}

private func apply(_ word: RoleState.Word, _ direction: Direction = .forward) -> ApplyStatus {
    var apply = ApplyStatus(direction: direction, now: 1000)
    apply.start = direction == .forward ? .snapshot : .position
    apply.state.word = word
    apply.totalEvents = ChangeCounts(inserts: 272_572)
    apply.eventsThisRun = 272_572
    apply.eventsPerSecondLast3Minutes = 14542
    apply.eventsPerSecondLast10Minutes = 14542
    return apply
}

@Suite struct LiveTableTests {
    @Test func `the export's table equals the workflow's, byte for byte`() {
        let expected = """
            | ---------------------------------------  |  ----------------------------- |
            | Metric                                   |                          Value |
            | ---------------------------------------  |  ----------------------------- |
            | Total Exported Events                    |                         123456 |
            | Total Exported Events (Current Run)      |                         123456 |
            | Export Rate(Last 3 min)                  |                      22133/sec |
            | Export Rate(Last 10 min)                 |                      21011/sec |
            | ---------------------------------------  |  ----------------------------- |
            | WAL retained                             |     3 GB (extended), 2 GB safe |
            | Changes not applied yet                  |                         512 MB |
            | Retries                                  |    2, last 1970-01-01 00:01:00 |
            | ---------------------------------------  |  ----------------------------- |
            """
        var capture = capture(.streaming)
        capture.retainedWALBytes = 3 << 30
        capture.walStatus = "extended"
        capture.safeWALBytes = 2 << 30
        capture.unappliedBytes = 512 << 20
        capture.retries.count = 2
        capture.retries.at = 60
        #expect(LiveTable.export(capture).joined(separator: "\n") == expected)
    }

    @Test func `the import's table equals the workflow's, byte for byte`() {
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
            | Retries                        |                              0 |
            | -----------------------------  |  ----------------------------- |
            """
        let table = LiveTable.import(
            apply(.streaming), remaining: 4_727_427, timeToCatchUp: .seconds(342), now: 1049.8)
        #expect(table.joined(separator: "\n") == expected)
    }

    @Test func `durations have Go's form`() {
        #expect(
            [0, 59.6, 342, 3661, 86400].map(LiveTable.duration) == [
                "0s", "1m0s", "5m42s", "1h1m1s", "24h0m0s",
            ])
        #expect(LiveTable.duration(.infinity) == "-")
    }
}

@Suite struct LiveReporterTests {
    @Test func `the table is printed at once and then every ten seconds`() {
        var reporter = LiveReporter(role: .exportDataFromSource, processID: 7, showsTables: true)
        let streaming = status { $0.capture = capture(.streaming) }
        #expect(reporter.table(streaming, now: 100) != nil)
        #expect(reporter.table(streaming, now: 109.9) == nil)
        #expect(reporter.table(streaming, now: 110) != nil)
        #expect(reporter.table(status { $0.capture = capture(.retrying) }, now: 200) == nil)
    }

    @Test func `disable-pb suppresses the table`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 8, showsTables: false)
        #expect(reporter.table(status { $0.apply = apply(.streaming) }, now: 0) == nil)
    }

    @Test func `the end of the snapshot's import is printed once`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 8, showsTables: true)
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

    @Test func `a leg that starts at a position has no report of a snapshot, in either direction`() {
        for direction in Direction.allCases {
            let streaming = status {
                $0.capture = capture(.streaming, direction)
                $0.apply = apply(.streaming, direction)
                $0.capture?.start = .position
                $0.apply?.start = .position
            }
            var export = LiveReporter(role: .exportDataFromSource, processID: 7, showsTables: true)
            var `import` = LiveReporter(role: .importDataToTarget, processID: 8, showsTables: true)
            #expect(export.sentences(streaming).isEmpty && `import`.sentences(streaming).isEmpty)
        }
    }

    @Test func `a sentence that the engine printed is not printed again`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 8, showsTables: true)
        reporter.heard("snapshot data import complete")
        #expect(reporter.sentences(status { $0.apply = apply(.streaming) }).isEmpty)
    }

    @Test func `during the snapshot the tables being copied are shown with their sum`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 8, showsTables: true, redraws: true)
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
        // The first table of the streaming phase does not wait for the snapshot's interval.
        #expect(reporter.table(status { $0.apply = apply(.streaming) }, now: 1.1) != nil)
    }

    @Test func `after a cutover the process shows its new role`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 8, showsTables: true)
        let fallBack = status {
            $0.phase = .fallBack
            $0.processIDs[.capture] = 8
            $0.processIDs[.apply] = 7
            $0.capture = capture(.streaming, .reverse)
            $0.apply = apply(.streaming, .reverse)
        }
        _ = reporter.sentences(fallBack)
        #expect(reporter.work == .export)
        #expect(reporter.table(fallBack, now: 0)?.contains { $0.contains("Total Exported Events") } == true)
    }

    @Test func `another process's work is not shown as this one's`() {
        var reporter = LiveReporter(role: .importDataToTarget, processID: 9, showsTables: true)
        let streaming = status { $0.apply = apply(.streaming) }
        let sentence = "process 8 already does this work of the migration"
        #expect(reporter.sentences(streaming) == [sentence])
        #expect(reporter.sentences(streaming).isEmpty)
        #expect(reporter.table(streaming, now: 0) == nil)
    }

    @Test func `a reason to wait is printed when it changes`() {
        var reporter = LiveReporter(role: .exportDataFromSource, processID: 7, showsTables: true)
        let lost = status {
            $0.capture = capture(.retrying)
            $0.capture?.state.reason = "the source does not answer"
            $0.capture?.retries.add("the source does not answer", at: 60, waitMilliseconds: 5000)
        }
        let sentence = "retrying: the source does not answer (attempt 1, next at 1970-01-01 00:01:05 UTC)"
        #expect(reporter.sentences(lost) == [sentence])
        #expect(reporter.sentences(lost).isEmpty)
        // It is repeated from time to time.
        var later = lost
        later.capture?.retries.add("the source does not answer", at: 65, waitMilliseconds: 5000)
        later.readAt += 5
        #expect(reporter.sentences(later).isEmpty)
        later.readAt += 5
        #expect(
            reporter.sentences(later).first?.contains("(attempt 2, next at 1970-01-01 00:01:10 UTC)") == true)
    }
}

@Suite struct LiveScreenTests {
    private final class Sheet: Sendable {
        let text = Mutex("")
        func add(_ more: String) { text.withLock { $0 += more } }
    }

    @Test func `on a terminal the table is redrawn in place`() {
        let sheet = Sheet()
        let screen = LiveScreen(redraws: true, colour: { $0 }, emit: { sheet.add($0) })
        screen.show(table: ["a", "b"])
        screen.show(table: ["c", "d"])
        screen.say("news")
        let up = "\u{1B}[2A\r\u{1B}[J"
        #expect(sheet.text.withLock { $0 } == "a\nb\n" + up + "c\nd\n" + up + "news\nc\nd\n")
    }

    @Test func `in a file plain lines follow each other`() {
        let sheet = Sheet()
        let screen = LiveScreen(redraws: false, colour: { $0 }, emit: { sheet.add($0) })
        screen.show(table: ["a"])
        screen.say("news")
        screen.show(table: ["b"])
        #expect(sheet.text.withLock { $0 } == "a\nnews\nb\n")
    }
}
