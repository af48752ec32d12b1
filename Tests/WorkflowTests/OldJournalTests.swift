import Demo
import Engine
import Foundation
import Postgres
import Records
import Testing

/// Journals of an earlier program, opened by this one and carried to the end of their migrations.
///
/// They guard what earlier versions stored in journals and on databases: metadata names, keys of documents,
/// values of enums, the form of the log. Each test makes two fresh servers and goes through the rest of a
/// whole migration, so it takes some seconds: whether a value is still understood shows only where the
/// program acts on it.
@Suite(.serialized) struct OldJournalTests {
    @Test func `a journal of commit 3882eba, killed while it streamed to two channels, is continued`()
        async throws
    {
        try await withOldJournal(.streaming) { try await StreamingWalk(old: $0).run() }
    }

    @Test func `a journal of commit 3882eba, killed in a cutover that awaits approval, is continued`()
        async throws
    {
        try await withOldJournal(.cutover) { try await CutoverWalk(old: $0).run() }
    }

    private func withOldJournal(_ kind: OldJournal.Kind, _ body: (OldJournal) async throws -> Void)
        async throws
    {
        let servers = try Servers()
        defer { servers.remove() }
        let old = try OldJournal(kind, on: servers)
        do { try await body(old) } catch {
            try old.site.close()
            throw error
        }
        try old.site.close()
    }
}

private struct StreamingWalk {
    /// The earlier program stored names without quotes: `eu.west.depot`.
    private static let depot = QualifiedName(schema: "eu.west", name: "depot")

    let old: OldJournal
    private var site: WorkflowSite { old.site }

    func run() async throws {
        try expectWhatWasKept()
        let export = try site.start(Manual.exportData, old.values)
        let `import` = try site.start(
            "yb-voyager import data to target --export-dir <EXPORT_DIR> --target-db-host <TARGET_DB_HOST> "
                + "--target-db-user <TARGET_DB_USER> --target-db-password <TARGET_DB_PASSWORD> "
                + "--target-db-name <TARGET_DB_NAME>"
        )
        try await site.waitForStreaming()
        // No change of the log is lost or applied twice, whether a channel had applied it or not.
        try await old.waitUntilEqual(but: ["public.product", "public.stock", Self.depot])
        #expect(try site.sql(.target, "select note from audit_note where id = 300").scalar == "round 3")
        #expect(try walked() == ["30", "30"])
        try old.write(to: .source, round: 4)
        try await old.waitUntilEqual(but: ["public.product", "public.stock", Self.depot])
        try await mend()
        try await old.waitUntilEqual()
        try expectCounts()

        try await site.run(Manual.cutoverToTarget + " --verify true --wait true", within: 90)
        #expect(try site.status().phase == .fallBack)
        #expect(try old.differences(readyFor: .target) == [])
        try old.write(to: .target, round: 5)
        try site.sql(.target, "update product set colour = 'green' where id > 15")
        try await old.waitUntilEqual()
        try await site.run(Manual.cutoverToSource + " --verify true --wait true", within: 90)
        for process in [export, `import`] { #expect(try await process.end() == 0, "\(process.errors)") }
        #expect(try old.differences(readyFor: .source) == [])
        try await old.end()
    }

    /// Checks the journal before any process of ours has changed it.
    private func expectWhatWasKept() throws {
        let status = try site.status()
        #expect(status.phase == .streaming && !status.isPaused)
        #expect(status.cutovers.allSatisfy { $0.word == .notInitiated })
        #expect(status.applyMode == .parallel(channels: 2))
        #expect(status.incidentRules == IncidentRules(policy: .stash))
        #expect(status.diskLimits.freeBytesMin == 64 << 20)
        #expect(note("public.product", status)?.word == .setAside)
        #expect(note("public.product", status)?.remedy.contains("add column") == true)
        #expect(note("public.late_arrival", status)?.word == .new)
        #expect(status.tables.allSatisfy { $0.note != nil || $0.snapshotIsDone })
        #expect(status.tables.reduce(0) { $0 + $1.importedRows } == 285)
        let migration = try Migration(existing: site.exportDirectory)
        let incidents = try migration.incidents(limit: 9)
        #expect(Set(incidents.map(\.table)) == ["public.stock", Self.depot])
        #expect(incidents.last?.operation == .update && incidents.last?.handling == .stashed)
        #expect(Set(incidents.flatMap(\.key).map(\.column)) == ["product_id", "id"])
        let request = try #require(try migration.newestRecord(titled: "set apply mode"))
        #expect(request.state == .done && request.request == .setApplyMode(.parallel(channels: 2)))
        // Of each of these one channel has applied some, and no channel the rest.
        for count in try walked() { #expect((1...29).contains(count.flatMap { Int($0) } ?? 0)) }
        #expect(try site.sql(.target, "select count(*) from audit_note where id = 300").scalar == "0")
    }

    /// On the target, how many of the last 30 changes of two tables are there.
    private func walked() throws -> [String?] {
        try ["customer where name like 'Walked %'", "\(Self.depot.quoted) where id between 201 and 230"].map {
            try site.sql(.target, "select count(*) from \($0)").scalar
        }
    }

    private func note(_ table: QualifiedName, _ status: MigrationStatus) -> TableNote? {
        status.tables.first { $0.name == table }?.note
    }

    /// Adds the column that the table lacks, so that it catches up. Writes the missing row by hand, and
    /// excludes the new table.
    private func mend() async throws {
        #expect(try note("public.product", site.status())?.word == .setAside)
        try site.sql(.target, "alter table product add column colour text")
        if try note("public.product", site.status()) != nil {
            try await site.run("yb-voyager retry table --export-dir <EXPORT_DIR> public.product", exits: nil)
        }
        try await site.waitUntil("product fits") { note("public.product", $0) == nil }
        try site.sql(
            .target,
            "insert into stock values (3, 77); insert into \(Self.depot.quoted) values (25, 'Stashed')")
        try await site.run("yb-voyager exclude table --export-dir <EXPORT_DIR> public.late_arrival --yes")
        #expect(try note("public.late_arrival", site.status())?.word == .excluded)
    }

    private func expectCounts() throws {
        for table in try site.status().tables where table.note == nil {
            let failed: Int64 = ["public.stock", Self.depot].contains(table.name) ? 1 : 0
            #expect(
                table.exported[.forward]?.total == (table.imported[.forward]?.total ?? 0) + failed,
                "\(table.name)")
        }
    }
}

private struct CutoverWalk {
    let old: OldJournal
    private var site: WorkflowSite { old.site }

    func run() async throws {
        let kept = try site.status()
        #expect(kept.phase == .cutoverToSource && kept.route == .neither && kept.fallBackEnabled)
        #expect(kept.cutovers.map(\.to) == [.target, .source])
        #expect(kept.cutovers.map(\.word) == [.completed, .initiated])
        #expect(kept.cutovers.map(\.awaitsApproval) == [false, true])
        #expect(kept.cutovers.first?.steps.allSatisfy { $0.state == .done } == true)
        #expect(kept.tables.first { $0.name == "public.late_arrival" }?.note?.word == .excluded)

        let export = try site.start(Manual.exportDataFromTarget)
        let `import` = try site.start(Manual.importDataToSource)
        try await site.waitUntil("both roles run") {
            $0.capture?.state.word == .streaming && $0.apply?.state.word == .streaming
                && $0.processIDs[.capture] == export.processID && $0.processIDs[.apply] == `import`.processID
        }
        #expect(try site.status().cutovers.last?.awaitsApproval == true)
        try await site.run("yb-voyager approve cutover --export-dir <EXPORT_DIR>")
        for process in [export, `import`] { #expect(try await process.end() == 0, "\(process.errors)") }
        let status = try site.status()
        #expect(status.phase == .complete && status.route == .source)
        #expect(status.cutovers.map(\.word) == [.completed, .completed])
        #expect(try old.differences(readyFor: .source) == [])
        // The fence of the source is down: the application writes again.
        try old.write(to: .source, round: 4)
        try await old.end()
    }
}

extension OldJournal {
    var values: [String: String] { ["SOURCE_DB_SCHEMA": #"'public,sales,"eu.west"'"#] }

    /// Tables that are not migrated.
    private static let leftOut: [QualifiedName] = ["public.page_cache", "public.late_arrival"]

    /// Inserts, updates and deletes in all tables.
    func write(to side: Side, round: Int) throws {
        try site.sql(
            side,
            """
            insert into customer (email, name) values ('new\(round)@example.org', 'Round \(round)');
            insert into sales.orders (customer_id, state, total) select max(id), 'sent', \(round) from customer;
            insert into "OrderLine" select max(id), 2, 1, \(round) from sales.orders;
            update "OrderLine" set quantity = \(round) where "OrderId" <= 5;
            update customer set name = 'Round \(round)' where id <= 10;
            update measurement set taken_on = '2026-06-\(round)' where id = \(round);
            delete from measurement where id = 10 + \(round);
            insert into page_view values ('/round\(round)', '2026-01-03'), ('/same', null);
            update page_view set path = '/other' where path = '/after';
            update product set price = price + 1, tags = array['\(round)'] where id % 3 = 0;
            update stock set amount = amount - 1 where product_id > 15;
            update "eu.west".depot set city = 'Round \(round)' where id % 4 = 0;
            delete from "eu.west".depot where id = 20 + \(round);
            insert into audit_note values (\(round) * 100, 'round \(round)');
            select nextval('invoice_number');
            """)
    }

    private func compare() throws -> DatabaseComparison {
        try compareDatabases(
            source: site.access(.source), target: site.access(.target), schemas: Self.schemas)
    }

    /// Returns the differences for an application that moves to `side`, sequences included.
    func differences(readyFor side: Side) throws -> [String] {
        let compared = try compare()
        return compared.tables.filter { !Self.leftOut.contains($0.table) }.compactMap(\.difference)
            + compared.sequences.filter { !$0.isReady(for: side) }.map { "\($0)" }
    }

    func waitUntilEqual(but others: [QualifiedName] = [], sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let passed = Self.leftOut + others
        var differences: [String] = []
        try await eventually("equal tables: \(differences)", within: 30, sourceLocation) {
            differences = try compare().tables.filter { !passed.contains($0.table) }.compactMap(\.difference)
            return differences.isEmpty
        }
    }

    /// Ends the migration, and sees that nothing of it is left on the databases.
    func end() async throws {
        try await site.run(
            "yb-voyager end migration --export-dir <EXPORT_DIR> --backup-log-files true "
                + "--backup-data-files true "
                + "--backup-schema-files true --save-migration-reports true --backup-dir <BACKUP_DIR> --yes",
            environment: [
                "SOURCE_DB_PASSWORD": servers.source.password, "TARGET_DB_PASSWORD": servers.target.password,
            ])
        for side in Side.allCases {
            let left = try site.sql(
                side,
                "select slot_name::text from pg_replication_slots union all select pubname::text from "
                    + "pg_publication "
                    + "union all select nspname::text from pg_namespace where nspname = 'ybvoyager_metadata'")
            #expect(left.rows == [], "on the \(side.rawValue)")
        }
    }
}
