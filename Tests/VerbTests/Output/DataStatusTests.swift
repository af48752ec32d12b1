import Engine
import Records
import Testing

@testable import switchback

/// The tables of `export data status` and `import data status`.
@Suite struct DataStatusTests {
    private func status(_ phase: Phase = .streaming, runs: Bool = true) -> MigrationStatus {
        var item = TableStatus(
            name: "public.item", rowsEstimate: 90, exportedRows: 100, importedRows: 25,
            snapshotIsExported: true)
        item.exported[.forward] = ChangeCounts(inserts: 5, updates: 3, deletes: 1)
        item.imported[.forward] = ChangeCounts(inserts: 4, updates: 2, deletes: 0)
        item.incidents[.forward] = IncidentCounts(stashed: 1)
        let empty = TableStatus(name: "public.empty", snapshotIsDone: true)
        let waits = TableStatus(name: "public.waits", rowsEstimate: 8)
        var status = MigrationStatus(
            name: "shop", migrationUUID: "u", exportDirectory: "/e", phase: phase,
            processIDs: runs ? [.capture: 7, .apply: 8] : [:], tables: [waits, item, empty], readAt: 100)
        status.capture = CaptureStatus(direction: .forward, slotName: "s", now: 90)
        status.capture?.state = RoleState(word: .streaming, since: 0)
        status.apply = ApplyStatus(direction: .forward, now: 91)
        status.apply?.state = RoleState(word: .paused, since: 0)
        return status
    }

    @Test func `the export has a row for each table with its snapshot, its changes and their time`() {
        let lines = ExportStatusReport(status()).lines()
        let cells = lines.prefix(4).map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "|")
        }
        #expect(
            cells == [
                "TABLE|STATUS|EXPORTED ROWS|DB_TYPE|STREAM|EXPORTED INSERTS|EXPORTED UPDATES|"
                    + "EXPORTED DELETES",
                "public.empty|DONE|0|source|streaming|-|-|-", "public.item|DONE|100|source|streaming|5|3|1",
                "public.waits|NOT-STARTED|0|source|streaming|-|-|-",
            ])
        #expect(
            lines.suffix(2) == [
                "", "The export runs, process 7: the figures of the stream are of 1970-01-01 00:01:30 UTC.",
            ])
    }

    @Test func `the import has the percentage of the snapshot and what remains of the stream`() throws {
        let report = ImportStatusReport(status())
        let item = try #require(report.rows.first { $0.table_name == "public.item" })
        #expect(item.status == "MIGRATING" && item.total_count == 100 && item.imported_count == 25)
        #expect(item.percentage_complete == 25 && item.stream == "paused")
        #expect(item.imported_inserts == 4 && item.imported_updates == 2 && item.imported_deletes == 0)
        #expect(item.errored_imported_events == 1 && item.remaining_events == 2)
        #expect(item.counted_at == "1970-01-01T00:01:31.000000Z")
        let lines = report.lines()
        #expect(
            lines[0].hasPrefix(
                "TABLE        | STATUS      | TOTAL ROWS | IMPORTED ROWS | ERRORED ROWS | PERCENTAGE"))
        #expect(
            lines.contains {
                $0.contains("public.empty") && $0.contains("| DONE        | 0 ") && $0.contains("100.00")
            })
        #expect(
            lines.contains {
                $0.contains("public.waits") && $0.contains("NOT_STARTED | 8 ") && $0.contains("0.00")
            })
    }

    @Test func `figures of a role that runs in no process say so and keep their time`() {
        let old = status(runs: false)
        #expect(
            ExportStatusReport(old).lines().last
                == "The export runs in no process: the figures of the stream are of 1970-01-01 00:01:30 UTC.")
        #expect(ImportStatusReport(old).rows.allSatisfy { $0.stream == "not running" })
    }

    @Test func `after the cutover each table has a row for each direction, and the first one has ended`() {
        var later = status(.fallBack)
        later.fallBackEnabled = true
        later.tables[1].imported[.reverse] = ChangeCounts(inserts: 2, updates: 0, deletes: 0)
        let rows = ImportStatusReport(later).rows.filter { $0.table_name == "public.item" }
        #expect(rows.map(\.db_type) == ["target", "source"])
        #expect(rows.map(\.status) == ["MIGRATING", nil])
        // The files are still those of the leg before: they say nothing about this one.
        #expect(rows.map(\.stream) == ["ended", "starting"])
        #expect(rows.map(\.counted_at) == [nil, nil])
        #expect(rows.map(\.imported_inserts) == [4, 2])
        #expect(rows[1].remaining_events == nil)
    }

    @Test func `a table that is set aside waits for its import, and its export continues`() {
        var aside = status()
        aside.tables[1].note = TableNote(word: .setAside, reason: "r", since: 1)
        #expect(
            ImportStatusReport(aside).rows.first { $0.table_name == "public.item" }?.stream == "set aside")
        #expect(
            ExportStatusReport(aside).rows.first { $0.table_name == "public.item" }?.stream == "streaming")
    }
}
