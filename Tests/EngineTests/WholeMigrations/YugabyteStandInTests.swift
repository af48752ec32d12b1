import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// A PostgreSQL that says it is YugabyteDB and refuses what YugabyteDB is known to refuse. It shows that
    /// nothing of that is asked for; it shows nothing of how YugabyteDB behaves.
    @Suite(.serialized) struct YugabyteStandInTests {
        private static let tables = """
            create table item (id int primary key, own int generated always as identity, v text);
            create table part (id int, half int, v text, primary key (id, half)) partition by list (half);
            create table part_one partition of part for values in (1);
            create table part_two partition of part for values in (2);
            """

        @Test(arguments: ApplyMode.both)
        func `a whole migration there and back asks for nothing that YugabyteDB refuses`(mode: ApplyMode)
            async throws
        {
            try await withYugabyteSite(Self.tables) { site in
                for call in [
                    "pg_current_wal_lsn()", "pg_current_wal_insert_lsn()", "pg_wal_lsn_diff('0/1', '0/1')",
                    "txid_current()", "txid_current_snapshot()", "pg_current_xact_id()",
                    "pg_export_snapshot()", "pg_logical_emit_message(true, 'a', 'b')",
                ] {
                    #expect(throws: PostgresError.self, "\(call)") {
                        try site.value(.target, "select \(call)")
                    }
                }
                let before = (try site.surroundings(.source), try site.surroundings(.target))
                try site.connect(.source).execute(
                    "insert into item (id, v) select g, 'copied' from generate_series(1, 100) g;"
                        + "insert into part select g, 1 + g % 2, 'copied' from generate_series(1, 100) g")
                try await site.goLive(mode)
                for direction in Direction.allCases {
                    let origin = try site.connect(direction.origin)
                    try origin.execute(
                        "insert into item (id, v) select max(id) + 1, 'new' from item; update item set v = "
                            + "v || '!' where id < 50;"
                            + "delete from item where id = (select min(id) from item); update part set half "
                            + "= 3 - half where id < 20"
                    )
                    #expect(try await site.differences(direction) == [])
                    if direction == .forward {
                        try origin.execute("truncate part; insert into part values (1, 1, 'after')")
                        #expect(try await site.differences(direction) == [])
                    }
                    let leg = try #require(try site.migration.record().currentLeg)
                    #expect((leg.direction == .reverse) == (try site.barriersAreRows()))
                    try await eventually("the catalog of the \(direction.origin) was read") {
                        try site.migration.journal.document(
                            OriginCatalog.self, key: OriginCatalogMonitor.key(leg)) != nil
                    }
                    try site.cutover(to: direction.destination)
                    try await site.awaitPhase(direction == .forward ? .fallBack : .complete)
                    #expect(try site.compare() == [])
                    if direction == .forward { try await site.awaitCheck() }
                }
                let trouble = try site.trouble()
                #expect(trouble == "")
                try await site.end()
                #expect(try site.surroundings(.source) == before.0)
                #expect(try site.surroundings(.target) == before.1)
            }
        }

        @Test
        func `a table without a primary key is streamed to YugabyteDB, and no fall-back is made for it`()
            async throws
        {
            let keyless = "create table bare (v text); alter table bare replica identity full;"
            try await withYugabyteSite(keyless) { site in
                try await site.goLive()
                try site.connect(.source).execute("insert into bare values ('one')")
                #expect(try await site.differences() == [])
                let reason = try await site.refusedCutover(to: .target)
                #expect(reason.contains("public.bare") && reason.contains("no primary key"), "\(reason)")
                let checks = try DatabaseChecks.run(.target, try site.context(), forFallBack: true)
                #expect(checks.contains { $0.name.contains("public.bare") && $0.state == .failure })
                #expect(
                    checks.contains { $0.found == "YugabyteDB \(YugabyteStandIn.release)" && $0.state == .ok }
                )
                #expect(!checks.contains { $0.name == "wal_level" })
            }
        }

        @Test func `a slot of the fall-back that was not read for hours stops the release`() async throws {
            try await withYugabyteSite("create table item (id int primary key)") { site in
                // The view has a column more there: a hybrid time, of three hours ago.
                let hybrid = (Int64(Date().timeIntervalSince1970) - 3 * 3600) * 1_000_000 << 12
                try site.changeView("pg_replication_slots") {
                    $0.replacingOccurrences(
                        of: "\n   FROM ", with: ",\n \(hybrid)::bigint as yb_restart_commit_ht\n   FROM ")
                }
                try await site.goLive()
                try site.cutover(to: .target)
                try await eventually("the cutover is aborted") {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                let reason = try site.migration.record().cutovers.last?.abortReason ?? ""
                #expect(reason.contains("was unread for so long"), "\(reason)")
            }
        }

        /// Updates as YugabyteDB sends them: the key and the changed columns, without flags at the key.
        @Test func `an update that sends the key and what has changed finds its row`() async throws {
            let table =
                "create table t (id text primary key, own int generated always as identity, v text, w text);"
            try await withSite(table) { site in
                let leg = Leg(
                    number: 1, direction: .forward, start: .snapshot, uuid: try site.migration.record().uuid)
                try site.migration.update { $0.legs = [leg] }
                let log = try CaptureLog(
                    journal: site.migration.journal, exportDirectory: site.directory, leg: leg,
                    snapshotLSNs: [:])
                let relation = StreamMessage.relation(
                    7, "public", "t", identity: "c",
                    columns: [("id", false), ("own", false), ("v", false), ("w", false)])
                let messages = [
                    StreamMessage.begin(10), relation,
                    StreamMessage.insert(7, [.text("a"), .text("1"), .text("old"), .text("kept")]),
                    StreamMessage.commit(10), StreamMessage.begin(20),
                    StreamMessage.update(7, [.text("a"), .unchanged, .text("new"), .unchanged]),
                    StreamMessage.commit(20),
                ]
                for message in messages { _ = try lend(message) { try log.take($0) } }
                try log.sync()
                let context = try site.context()
                let apply = Task { try await ApplyRole(context: context, leg: leg).run() }
                try await eventually("the update", within: 15) {
                    try site.value(.target, "select concat_ws(' ', id, own, v, w) from t") == "a 1 new kept"
                }
                context.stop.request()
                _ = await apply.result
            }
        }
    }
}

extension Site {
    /// The context of a role, as the worker makes it.
    func context() throws -> RoleContext {
        RoleContext(
            journal: migration.journal, exportDirectory: directory,
            options: RunOptions(source: try access(.source), target: try access(.target)), stop: StopSignal(),
            announce: { _ in })
    }

    func barriersAreRows() throws -> Bool { try migration.record().currentLeg?.origin.barriers == .row }
}
