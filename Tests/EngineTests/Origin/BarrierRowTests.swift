import Demo
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Origins without logical messages of ours: here because the role may not write them.
    @Suite(.serialized) struct BarrierRowTests {
        private static let table = "create table item (id int primary key, v text);"

        /// Runs `body` on a site whose databases belong to a role without the right to write messages.
        private func withMover(_ body: (Site) async throws -> Void) async throws {
            let clusters = [
                Side.source: try ThrowAwayCluster(named: "rows-source", options: .init(trust: true)),
                Side.target: try ThrowAwayCluster(named: "rows-target", options: .init(trust: true)),
            ]
            defer { for cluster in clusters.values { cluster.remove() } }
            try await withSite(Self.table, on: clusters) { site in
                for side in Side.allCases {
                    try site.connect(side).execute(
                        """
                        create role mover login replication; grant mover to postgres;
                        grant pg_read_all_stats to mover; grant set on parameter session_replication_role \
                        to mover;
                        alter database \(site.name) owner to mover;
                        alter table item owner to mover; alter table marker owner to mover;
                        revoke execute on function pg_logical_emit_message(boolean, text, text) from public;
                        """)
                }
                (site.sourceUser, site.targetUser) = ("mover", "mover")
                try site.keepForms()
                try await body(site)
            }
        }

        @Test
        func `without logical messages barriers are rows on both legs, and the end leaves nothing`()
            async throws
        {
            try await withMover { site in
                let before = (try site.surroundings(.source), try site.surroundings(.target))
                try site.connect(.source).execute("insert into item values (1, 'one'), (2, 'two')")
                try await site.goLive()
                for direction in Direction.allCases {
                    let (origin, destination) = (direction.origin, direction.destination)
                    try site.connect(origin).execute(
                        "insert into item values (\(direction == .forward ? 3 : 4), 'new'); update item set "
                            + "v = v || '!'"
                    )
                    #expect(try await site.differences(direction) == [])
                    let slot = try #require(try site.migration.record().currentLeg?.slotName)
                    let position =
                        "select confirmed_flush_lsn from pg_replication_slots where slot_name = '\(slot)'"
                    let end = try #require(try site.value(origin, "select pg_current_wal_insert_lsn()"))
                    try await eventually("a heartbeat moves the idle slot of \(origin)") {
                        try site.value(origin, "select (\(position)) >= '\(end)'::pg_lsn") == "t"
                    }
                    #expect(try site.migration.record().currentLeg?.origin.barriers == .row)
                    try site.cutover(to: destination)
                    try await site.awaitPhase(direction == .forward ? .fallBack : .complete)
                    #expect(try site.compare() == [])
                    // Our own rows do not count as changes.
                    #expect(
                        try site.value(
                            destination,
                            "select string_agg(distinct table_name, ',') from "
                                + "ybvoyager_metadata.ybvoyager_imported_event_count_by_table")
                            == "public.item,public.marker")
                }
                let trouble = try site.trouble()
                #expect(trouble == "")
                try await site.end()
                #expect(try site.surroundings(.source) == before.0)
                #expect(try site.surroundings(.target) == before.1)
            }
        }

        @Test func `a worker killed at the barrier rows of both cutovers continues to their end`()
            async throws
        {
            // A step that ends before it is seen is tried again, in another migration.
            var missed: [Side: Set<CutoverStep>] = [:]
            for attempt in 1...CrashTests.attemptsMax
            where attempt == 1 || missed.values.contains(where: { !$0.isEmpty }) {
                try await withMover { site in
                    try site.startProcess()
                    try site.connect(.source).execute(
                        "insert into item select g, 'copied' from generate_series(1, 1000) g")
                    _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                    try await site.awaitPhase(.streaming)
                    for side in [Side.target, .source] {
                        try site.connect(side.other).execute(
                            "insert into item select max(id) + 1, 'new' from item")
                        #expect(try site.barriersAreRows())
                        let (_, killedAt) = try await CrashTests.killAtEachStep(site, cutoverTo: side)
                        #expect(try site.migration.record().cutovers.last?.status.word == .completed)
                        #expect(try site.compare() == [])
                        missed[side] = (missed[side] ?? [.barrier, .quietProof, .fallBackSlot])
                            .subtracting(killedAt)
                        if side == .source { missed[side]?.remove(.fallBackSlot) }
                    }
                    // The barriers' rows do not count as changes, however often they were written.
                    let last = try site.migration.record().cutovers.map { Set($0.barriers.keys) }
                    #expect(last.allSatisfy { $0.isSuperset(of: [.first, .quiet]) }, "\(last)")
                }
            }
            #expect(missed == [.target: [], .source: []])
        }

        @Test func `subscribers of all tables are reported, since they would get the barrier rows`()
            async throws
        {
            try await withMover { site in
                func check() throws -> CheckResult? {
                    try DatabaseChecks.run(.source, try site.context(), forFallBack: false).first {
                        $0.name == "publications of all tables"
                    }
                }
                #expect(try check() == nil)
                try site.connect(.source).execute("create publication everything for all tables")
                let warning = try #require(try check())
                #expect(warning.state == .warning && warning.found == "everything")
                try site.connect(.source).execute(
                    "grant execute on function pg_logical_emit_message(boolean, text, text) to mover")
                #expect(try check() == nil)
            }
        }

        @Test func `a write between two barrier rows stops the release`() async throws {
            try await withMover { site in
                try await site.goLive()
                try site.cutover(to: .target, requiresApproval: true)
                try await eventually("the wait for approval") {
                    try site.migration.status().cutovers.first?.awaitsApproval == true
                }
                try site.write(.source, "insert into item values (1, 'late')")
                _ = try site.migration.leave(.approveRelease, by: "test")
                try await eventually("the cutover is aborted") {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                #expect(
                    try site.migration.record().cutovers.last?.abortReason?.contains(
                        "1 transaction wrote to it between the barriers") == true)
                #expect(try await site.differences() == [])
            }
        }
    }
}
