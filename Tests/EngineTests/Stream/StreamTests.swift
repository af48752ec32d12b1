import Demo
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    @Suite(.serialized) struct StreamTests {
        private static let table = "create table item (id int primary key, v text);"

        @Test
        func `a change without a row stops apply, names the table, and applies nothing after it`()
            async throws
        {
            try await withSite(Self.table) { site in
                try site.connect(.source).execute("insert into item values (1, 'a'), (2, 'b')")
                try await site.goLive()
                try site.connect(.target).execute("delete from item where id = 1")
                try site.connect(.source).execute("update item set v = 'x' where id = 1")
                try site.connect(.source).execute("insert into item values (3, 'after')")
                try await eventually("an incident in the log") {
                    try site.trouble().contains("cannot be applied to public.item")
                }
                #expect(try site.value(.target, "select count(*) from item") == "1")
                // Once mended, apply continues and nothing is missing.
                try site.connect(.target).execute("insert into item values (1, 'a')")
                _ = try site.migration.leave(.resume, by: "test")
                #expect(try await site.differences() == [])
            }
        }

        @Test func `an origin whose commits wait for the capture is reported, and its commits end`()
            async throws
        {
            let source = try ThrowAwayCluster(
                named: "awaiting", options: .init(trust: true, settings: ["synchronous_commit": "on"]))
            defer { source.remove() }
            try await withSite(Self.table, on: [.source: source]) { site in
                try await site.goLive()
                let admin = try site.connect(.source)
                let state =
                    "select sync_state from pg_stat_replication where application_name like 'switchback%'"
                try admin.execute("alter system set synchronous_standby_names = '*'")
                try admin.execute("select pg_reload_conf()")
                try await eventually("the capture is a synchronous standby") {
                    try site.value(.source, state) == "sync"
                }
                // Each statement returns when its commit is confirmed.
                let origin = try site.connect(.source)
                for id in 1...5 { try origin.execute("insert into item values (\(id), 'waited for')") }
                try await eventually("a warning") {
                    try site.trouble().contains("waits for Switchback")
                }
                try origin.execute("update item set v = 'still'")
                try admin.execute("alter system reset synchronous_standby_names")
                try admin.execute("select pg_reload_conf()")
                #expect(try await site.differences() == [])
            }
        }

        @Test func `no change waits for a check of either side's tables`() async throws {
            let tables =
                Self.table
                + "create table part (id int primary key) partition by range (id);"
                + "create table part_one partition of part for values from (0) to (9);"
            try await withSite(tables) { site in
                try await site.goLive()
                try await eventually("the state of the slot is known") {
                    try site.migration.status().capture?.walStatus == "reserved"
                }
                for (id, side) in zip(1..., Side.allCases) {
                    // The monitors read this table; neither the stream nor apply does.
                    let holder = try site.connect(side)
                    try holder.execute("begin; lock table pg_catalog.pg_inherits in access exclusive mode")
                    let isBlocked =
                        "select count(*) > 0 from pg_locks l join pg_stat_activity a using (pid) where not "
                        + "l.granted "
                        + "and l.relation = 'pg_inherits'::regclass and a.application_name like 'switchback "
                        + "% watch'"
                    try await eventually("a check is blocked at the \(side)") {
                        try site.value(side, isBlocked) == "t"
                    }
                    try site.connect(.source).execute("insert into item values (\(id), 'meanwhile')")
                    try await eventually("the row is there") {
                        try site.value(.target, "select count(*) from item where id = \(id)") == "1"
                    }
                    #expect(try site.value(side, isBlocked) == "t")
                    if side == .source {
                        try await eventually("the state of the slot is unknown") {
                            let capture = try site.migration.status().capture
                            return capture != nil && capture?.walStatus == nil
                        }
                    }
                    try holder.execute("rollback")
                }
                try await eventually("the state of the slot is known again") {
                    try site.migration.status().capture?.walStatus == "reserved"
                }
                #expect(try await site.differences() == [])
            }
        }

        @Test func `an open write transaction stops a cutover by name, and everything is as before`()
            async throws
        {
            try await withSite(Self.table) { site in
                site.limits.quiesceSeconds = 1
                try await site.goLive()
                let before = (try site.surroundings(.source), try site.surroundings(.target))
                let writer = try site.connect(.source)
                try writer.execute("begin; insert into item values (1, 'open')")
                try site.cutover(to: .target)
                try await eventually("the cutover is aborted") {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                let reason = try site.migration.record().cutovers.last?.abortReason ?? ""
                #expect(reason.contains("\(writer.processID) postgres test"))
                // The metadata tables for the fall-back stay on the source until the end; nothing else does.
                #expect(
                    try site.surroundings(.source).filter { $0 != "schema ybvoyager_metadata" } == before.0)
                #expect(try site.surroundings(.target) == before.1)
                try writer.execute("commit")
                #expect(try await site.differences() == [])
            }
        }

        @Test(arguments: Direction.allCases)
        func `a difference that verification finds aborts the cutover, in both directions`(
            direction: Direction
        )
            async throws
        {
            try await withSite(Self.table) { site in
                try site.connect(.source).execute("insert into item values (1, 'one'), (2, 'two')")
                try await site.goLive()
                if direction == .reverse {
                    try site.cutover(to: .target)
                    try await site.awaitPhase(.fallBack)
                    // Until then writes to the source are still captured.
                    try await eventually("the first leg is over") {
                        try site.migration.record().legs.first?.retiredAt != nil
                    }
                }
                let (origin, destination) = (direction.origin, direction.destination)
                // Somebody writes to the destination in spite of the fence; no stream sends that.
                let somebody = try site.connect(destination)
                try somebody.execute("set default_transaction_read_only = off")
                try somebody.execute("delete from item where id = 2")
                try site.cutover(to: destination)
                try await eventually("the cutover is aborted") {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                let reason = try site.migration.record().cutovers.last?.abortReason
                #expect(reason?.contains("1 table differs") == true, "\(reason ?? "")")
                #expect(reason?.contains("public.item") == true, "\(reason ?? "")")
                #expect(try site.migration.record().phase == (direction == .forward ? .streaming : .fallBack))
                // The application continues where it was, and the next cutover succeeds once the row is back.
                try site.connect(origin).execute("update item set v = 'uno' where id = 1")
                try somebody.execute("insert into item values (2, 'two')")
                #expect(try await site.differences(direction) == [])
                try site.cutover(to: destination)
                try await site.awaitPhase(direction == .forward ? .fallBack : .complete)
            }
        }

        @Test func `a slot of the fall-back that is lost while a cutover awaits approval stops its release`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                try site.cutover(to: .target, requiresApproval: true)
                try await eventually("the wait for approval") {
                    try site.migration.status().cutovers.first?.awaitsApproval == true
                }
                try site.connect(.target).execute(
                    "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = "
                        + "current_database()"
                )
                _ = try site.migration.leave(.approveRelease, by: "test")
                try await eventually("the cutover is aborted") {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                let reason = try site.migration.record().cutovers.last?.abortReason
                #expect(reason?.contains("the fall-back's slot") == true, "\(reason ?? "")")
                try site.connect(.source).execute("insert into item values (2, 'continues')")
                #expect(try await site.differences() == [])
                try site.cutover(to: .target)
                try await site.awaitPhase(.fallBack)
            }
        }

        @Test
        func `a write transaction on the target delays the slot of the fall-back, by name and not for ever`()
            async throws
        {
            try await withSite(Self.table) { site in
                site.limits.quiesceSeconds = 1
                try await site.goLive()
                let writer = try site.connect(.target)
                try writer.execute("begin; create table held_up (n int)")
                try site.cutover(to: .target)
                try await eventually("the cutover is aborted", within: 60) {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                let reason = try site.migration.record().cutovers.last?.abortReason
                #expect(reason?.contains("the fall-back's slot waits") == true, "\(reason ?? "")")
                #expect(reason?.contains("\(writer.processID) postgres test") == true, "\(reason ?? "")")
                try writer.execute("rollback")
                #expect(try await site.differences() == [])
                try site.cutover(to: .target)
                try await site.awaitPhase(.fallBack)
            }
        }

        @Test func `a write while a cutover awaits approval stops its release, and the changes still stream`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                let before = (try site.surroundings(.source), try site.surroundings(.target))
                try site.cutover(to: .target, requiresApproval: true)
                try await eventually("the wait for approval") {
                    try site.migration.status().cutovers.first?.awaitsApproval == true
                }
                // A session that overrides the fence.
                let late = try site.connect(.source)
                try late.execute("set default_transaction_read_only = off")
                try late.execute("insert into item values (1, 'late')")
                _ = try site.migration.leave(.approveRelease, by: "test")
                try await eventually("the cutover is aborted") {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                #expect(
                    try site.migration.record().cutovers.last?.abortReason?.contains("is not quiet") == true)
                #expect(try site.migration.record().phase == .streaming)
                // The metadata tables for the fall-back stay on the source until the end; nothing else does.
                #expect(
                    try site.surroundings(.source).filter { $0 != "schema ybvoyager_metadata" } == before.0)
                #expect(try site.surroundings(.target) == before.1)
                #expect(try await site.differences() == [])
            }
        }

        @Test func `both servers may crash during the stream`() async throws {
            try await withSite(Self.table) { site in
                try await site.goLive()
                for (round, side) in [Side.source, .target].enumerated() {
                    try site.connect(.source).execute(
                        "insert into item select i, 'x' from generate_series(\(round * 20_000), "
                            + "\(round * 20_000 + 9999)) i"
                    )
                    try Servers.cluster(side).restart(.immediate)
                    try site.connect(.source).execute("update item set v = 'y' where id % 7 = 0")
                    #expect(try await site.differences() == [])
                }
            }
        }
    }
}
