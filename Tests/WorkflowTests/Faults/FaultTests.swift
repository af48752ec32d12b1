import Demo
import Engine
import Foundation
import Postgres
import Records
import Support
import Testing

extension WorkflowTests {
    /// Faults of a server before and during a migration.
    @Suite struct FaultTests {
        // MARK: Rights and settings

        /// Creates a role with everything that an export needs, which owns the tables.
        private func makeRole(_ name: String, _ options: String, _ side: Side, _ site: WorkflowSite) throws {
            try site.sql(
                side, "drop role if exists \(name); create role \(name) login password 'the-word' \(options)")
            try site.sql(
                side,
                "grant create on database \(site.database) to \(name); grant all on schema public to \(name)")
        }

        /// Drops the role with everything that depends on it.
        private func dropRole(_ name: String, _ side: Side, _ site: WorkflowSite) throws {
            try site.sql(
                side, "reassign owned by \(name) to postgres; drop owned by \(name); drop role \(name)")
        }

        @Test func `a source role without REPLICATION is refused with the statement that mends it`()
            async throws
        {
            try await withSite { site in
                try makeRole("no_replication", "", .source, site)
                defer { #expect(throws: Never.self) { try dropRole("no_replication", .source, site) } }
                try site.sql(
                    .source,
                    "alter table account owner to no_replication; alter table entry owner to no_replication")
                let role = ["SOURCE_DB_USER": "no_replication", "SOURCE_DB_PASSWORD": "the-word"]
                let run = try await site.run(Manual.exportData, role, exits: 1)
                run.expectRefusal(["right to replicate", "alter role", "no_replication", "replication;"])
                try site.sql(.source, "alter role no_replication replication")
                let export = try site.start(Manual.exportData, role)
                _ = try site.start(Manual.importData)
                try await site.waitForStreaming()
                try await site.waitUntilEqual()
                export.kill()
            }
        }

        @Test func `a source role that may not read a table is refused with the grant that mends it`()
            async throws
        {
            try await withSite { site in
                try makeRole("no_select", "replication", .source, site)
                defer { #expect(throws: Never.self) { try dropRole("no_select", .source, site) } }
                try site.sql(
                    .source,
                    "alter table account owner to no_select; alter table entry owner to no_select; "
                        + "revoke select on entry from no_select")
                let role = ["SOURCE_DB_USER": "no_select", "SOURCE_DB_PASSWORD": "the-word"]
                let run = try await site.run(Manual.exportData, role, exits: 1)
                run.expectRefusal(["right to read public.entry", "grant select on", "no_select"])
            }
        }

        @Test
        func `a target role that neither owns the tables nor may be a replica is refused with the grants`()
            async throws
        {
            try await withSite { site in
                try makeRole("no_replica", "", .target, site)
                defer { #expect(throws: Never.self) { try dropRole("no_replica", .target, site) } }
                try site.sql(
                    .target,
                    "grant all on all tables in schema public to no_replica; "
                        + "grant all on all sequences in schema public to no_replica")
                let role = ["TARGET_DB_USER": "no_replica", "TARGET_DB_PASSWORD": "the-word"]
                _ = try site.start(Manual.exportData)
                try await site.waitUntil("the snapshot is exported") { $0.capture?.state.word == .streaming }
                let run = try await site.run(Manual.importData, role, exits: 1)
                run.expectRefusal([
                    "grant set on parameter session_replication_role", "owner's role", "no_replica",
                ])
                try site.sql(.target, "grant set on parameter session_replication_role to no_replica")
                let `import` = try site.start(Manual.importData, role)
                try await site.waitUntilEqual()
                `import`.kill()
            }
        }

        @Test func `a cutover that lacks a right is refused with the grant that mends it`() async throws {
            try await withSite { site in
                try makeRole("no_way_back", "replication", .source, site)
                defer { #expect(throws: Never.self) { try dropRole("no_way_back", .source, site) } }
                try site.sql(
                    .source,
                    "alter table account owner to no_way_back; alter table entry owner to no_way_back")
                // The foreign key of a table of others that refers to a migrated one does not stop anything.
                try site.sql(.source, "create schema other; create table other.t (id int references account)")
                let role = ["SOURCE_DB_USER": "no_way_back", "SOURCE_DB_PASSWORD": "the-word"]
                for side in Side.allCases { try site.sql(side, "create sequence loose") }
                try site.sql(.source, "grant select on sequence loose to no_way_back")
                let export = try site.start(Manual.exportData, role)
                try await site.waitUntil("the migration begins") { _ in true }
                let `import` = try site.start(Manual.importData)
                try await site.waitForStreaming()
                try site.sql(
                    .source,
                    "alter table entry owner to postgres; grant select on entry, entry_id_seq to no_way_back")
                let grant = "grant update on sequence public.loose to \"no_way_back\""
                let initiate = try await site.run(Manual.cutoverToTarget + " --yes", exits: 1)
                initiate.expectRefusal([
                    "source-rights (red)", "ownership of public.entry",
                    "UPDATE of sequences public.entry_id_seq, public.loose",
                    "grant set on parameter session_replication_role to \"no_way_back\"",
                ])
                #expect(try site.status().cutovers.allSatisfy { $0.word == .notInitiated })
                try site.sql(.source, "update account set balance = 12")
                try await site.waitUntilEqual()
                try site.sql(.source, "alter table entry owner to no_way_back; \(grant)")
                try await cutOver(site, Manual.cutoverToTarget, to: .target)
                #expect(try site.differences() == [])
                try site.sql(.target, "update account set balance = 13; select nextval('loose')")
                try await site.waitUntilEqual()
                try site.sql(.source, "revoke update on sequence loose from no_way_back")
                let back = try await site.run(Manual.cutoverToSource + " --yes", exits: 1)
                back.expectRefusal(["source-rights (red)", grant])
                try site.sql(.source, grant)
                try await cutOver(site, Manual.cutoverToSource, to: .source)
                #expect(try await export.end() == 0)
                #expect(try await `import`.end() == 0)
            }
        }

        @Test func `a source without logical WAL is refused with the setting`() async throws {
            try await withSite { site in
                let plain = try ThrowAwayCluster(
                    named: "replica", options: .init(settings: ["wal_level": "replica"]))
                defer { plain.remove() }
                try PostgresConnection(plain.access(), applicationName: "test").execute(WorkflowSite.tables)
                let there = [
                    "SOURCE_DB_HOST": "\(plain.address) --source-db-port \(plain.port)",
                    "SOURCE_DB_NAME": "postgres",
                    "SOURCE_DB_PASSWORD": plain.password,
                ]
                let run = try await site.run(Manual.exportData, there, exits: 1)
                run.expectRefusal(["wal_level", "alter system set wal_level = logical", "restart"])
            }
        }

        @Test func `a source without a free slot is refused, and continues when there is one`() async throws {
            try await withSite { site in
                try site.sql(
                    .source,
                    "select pg_create_physical_replication_slot('taken_' || n) from generate_series(1, "
                        + "current_setting('max_replication_slots')::int - "
                        + "(select count(*)::int from pg_replication_slots)) n")
                let run: CommandRun
                do {
                    defer {
                        #expect(throws: Never.self) {
                            try site.sql(
                                .source,
                                "select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                                    + "where slot_name like 'taken%'")
                        }
                    }
                    run = try await site.run(Manual.exportData, exits: 1)
                }
                run.expectRefusal(["free replication slots", "max_replication_slots"])
                _ = try await site.startBoth()
                try await site.waitForStreaming()
                try await site.waitUntilEqual()
            }
        }

        @Test func `a table without a key is refused with the statement that mends it`() async throws {
            try await withSite { site in
                for side in Side.allCases { try site.sql(side, "create table keyless (a int, b text)") }
                try site.sql(.source, "insert into keyless values (1, 'one'), (1, 'one')")
                let run = try await site.run(Manual.exportData, exits: 1)
                run.expectRefusal(["public.keyless", "replica identity full"])
                let publications = try site.sql(.source, "select from pg_publication")
                #expect(publications.rows.isEmpty)
                try site.sql(.source, "alter table keyless replica identity full")
                _ = try await site.startBoth()
                try await site.waitForStreaming()
                try site.sql(.source, "update keyless set b = 'two'")
                try await site.waitUntilEqual()
            }
        }

        // MARK: Target tables

        @Test func `a target table that is not empty is named, and the import continues when it is`()
            async throws
        {
            try await withSite { site in
                try site.sql(.target, "insert into account (name) values ('not of the source')")
                _ = try site.start(Manual.exportData)
                try await site.waitUntil("the snapshot is exported") { $0.capture?.state.word == .streaming }
                let run = try await site.run(Manual.importData, exits: 1)
                run.expectRefusal(["not empty", "public.account", "TRUNCATE"])
                #expect(try site.sql(.target, "select count(*) from account").scalar == "1")
                try site.sql(.target, "truncate account, entry")
                try site.sql(.source, "delete from entry where id = 1")
                _ = try site.start(Manual.importData)
                try await site.waitUntilEqual()
            }
        }

        @Test func `a table the target lacks is named, and the import continues when it is there`()
            async throws
        {
            try await withSite { site in
                try site.sql(.target, "drop table entry")
                _ = try site.start(Manual.exportData)
                try await site.waitUntil("the snapshot is exported") { $0.capture?.state.word == .streaming }
                let run = try await site.run(Manual.importData, exits: 1)
                run.expectRefusal(["lacks public.entry", "switchback import schema"])
                try site.sql(.target, "drop table account")
                try site.sql(.target, WorkflowSite.tables)
                _ = try site.start(Manual.importData)
                try await site.waitUntilEqual()
            }
        }

        // MARK: Full disk

        /// The limit of a file's size in KiB, which acts like a full disk.
        private func limited(_ kibibytes: Int) -> (String) -> String {
            { "ulimit -f \(kibibytes); exec \($0)" }
        }

        private static let bulk = """
            insert into entry (account_id, amount, note) select 1, n, (select string_agg(md5(n::text || m), \
            '')
                from generate_series(1, 60) m) from generate_series(1, 7000) n
            """

        @Test
        func `a disk that fills during the stream stops the export, which continues when there is space`()
            async throws
        {
            try await withSite { site in
                let disk = try SmallDisk(at: site.exportDirectory, mebibytes: 10)
                defer { disk?.remove() }
                // Without the limit that pauses capture before the disk is full.
                let line = Manual.exportData + " --disk-free-min 0"
                let export = try site.start(line, around: disk == nil ? limited(8 << 10) : { "exec " + $0 })
                try await site.waitUntil("the migration begins") { _ in true }
                let `import` = try site.start(Manual.importData)
                try await site.waitForStreaming()
                try site.sql(.source, Self.bulk)
                try await export.end()
                export.expectRefusal(["the disk is full", "segment", "free space", "nothing is lost"])
                // Other files on the same disk may be affected, too.
                try disk?.grow(mebibytes: 200)
                if `import`.exitCode != nil { _ = try site.start(Manual.importData) }
                try site.sql(.source, "update account set balance = 10")
                _ = try site.start(Manual.exportData)
                try await site.waitUntilEqual()
            }
        }

        @Test
        func `a disk that fills during the snapshot stops the export, which continues when there is space`()
            async throws
        {
            try await withSite { site in
                try site.sql(.source, Self.bulk)
                let disk = try SmallDisk(at: site.exportDirectory, mebibytes: 8)
                defer { disk?.remove() }
                let line = Manual.exportData + " --disk-free-min 0"
                let export = try site.start(line, around: disk == nil ? limited(8 << 10) : { "exec " + $0 })
                try await export.end()
                export.expectRefusal(["the disk is full", "free space", "nothing is lost"])
                try disk?.grow(mebibytes: 200)
                try site.sql(.source, "update account set balance = 11")
                _ = try await site.startBoth()
                try await site.waitForStreaming()
                try await site.waitUntilEqual()
            }
        }

        @Test(.enabled(if: SmallDisk.isAllowed, "this process may not mount a file system"))
        func
            `a snapshot and a stream pause before a disk is full, and continue by themselves when there is room`()
            async throws
        {
            try await withSite { site in
                try site.sql(.source, Self.bulk)
                let disk = try #require(try SmallDisk(at: site.exportDirectory, mebibytes: 24))
                defer { disk.remove() }
                let export = try site.start(Manual.exportData + " --disk-free-min 16MB")
                func awaitPause(_ moment: String) async throws {
                    try await site.waitUntil("the export pauses in the \(moment)") {
                        $0.capture?.state.word == .paused
                            && $0.capture?.state.reason.contains("below 16 MB") == true
                    }
                    // Buffered data may still be written; the test shows only that the disk is never full.
                    #expect(try disk.freeMebibytes() >= 8)
                }
                try await awaitPause("snapshot")
                try await eventually("the export says so: \(export.output)") {
                    export.output.contains("paused: only")
                }
                try disk.grow(mebibytes: 40)
                let `import` = try site.start(Manual.importData)
                try await site.waitForStreaming()
                try site.sql(.source, Self.bulk)
                try await awaitPause("stream")
                try await site.run("yb-voyager set disk limits --export-dir <EXPORT_DIR> --disk-free-min 1MB")
                try await site.waitUntilEqual()
                #expect(export.exitCode == nil && `import`.exitCode == nil)
            }
        }

        // MARK: Servers that are away

        @Test func `a transaction whose stream is interrupted is applied once`() async throws {
            try await withSite { site in
                for side in Side.allCases {
                    // A table without a key does not refuse a doubled row.
                    try site.sql(side, "create table mark (n int); alter table mark replica identity full")
                }
                let (export, `import`) = try await site.startBoth()
                try await site.waitForStreaming()
                try site.sql(.source, "insert into mark select generate_series(1, 150000)")
                let queue = site.exportDirectory + "/data/queue"
                func queueBytes() throws -> Int {
                    try FileManager.default.contentsOfDirectory(atPath: queue).reduce(0) { sum, name in
                        sum
                            + (try FileManager.default.attributesOfItem(atPath: queue + "/" + name)[.size]
                                as? Int ?? 0)
                    }
                }
                for _ in 1...3 {
                    let before = try queueBytes()
                    try await eventually("the transaction streams") { try queueBytes() > before + 600_000 }
                    try await eventually("the stream is cut off") {
                        let cut = try site.sql(
                            .source,
                            "select count(pg_terminate_backend(active_pid)) from pg_replication_slots "
                                + "where database = current_database() and active")
                        return cut.scalar == "1"
                    }
                }
                try site.sql(.source, "update account set balance = 14")
                try await site.waitUntilEqual(within: 60)
                // The rows are visible a moment before the status is published again.
                try await eventually("150,000 inserts are counted, no more and no fewer") {
                    try site.status().apply?.totalEvents.inserts == 150_000
                }
                #expect(export.exitCode == nil && `import`.exitCode == nil)
            }
        }

        @Test(arguments: [Side.source, .target])
        func `the role retries while a server is away, until it is back`(side: Side)
            async throws
        {
            try await withSite { site in
                let (export, `import`) = try await site.startBoth()
                try await site.waitForStreaming()
                let writer = Writer(site.access(.source), mark: "source")
                defer { writer.stop() }
                let before = writer.transactions
                try await eventually("the application writes") { writer.transactions > before + 20 }
                try site.servers[side].stop(.immediate)
                var isUp = false
                defer { if !isUp { #expect(throws: Never.self) { try site.servers[side].start() } } }
                func state(_ status: MigrationStatus) -> RoleState? {
                    side == .source ? status.capture?.state : status.apply?.state
                }
                try await site.waitUntil("the role retries") {
                    state($0)?.word == .retrying && state($0)?.reason.isEmpty == false
                }
                let run = side == .source ? export : `import`
                try await eventually("the process says so: \(run.output)") {
                    run.output.contains("retrying: ")
                }
                let away = writer.transactions
                try site.servers[side].start()
                isUp = true
                try await site.waitForStreaming()
                try await eventually("the application writes again") { writer.transactions > away + 20 }
                writer.stop()
                try await site.waitUntilEqual()
                #expect(export.exitCode == nil && `import`.exitCode == nil)
                let events = try Migration(existing: site.exportDirectory).events(after: 0, limit: 1000)
                #expect(events.contains { $0.level == .warning && $0.message.contains("trying again") })
            }
        }
    }
}
