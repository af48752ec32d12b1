import Demo
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Destinations that acknowledge a commit before it is on their disk, and crash.
    @Suite(.serialized) struct DestinationLossTests {
        private static let table = "create table item (id int primary key, v text, n int not null default 0);"

        /// Acknowledged commits stay in memory for ten seconds there.
        private func withForgetfulTarget(_ body: (Site, ThrowAwayCluster) async throws -> Void) async throws {
            let target = try ThrowAwayCluster(
                named: "forgetful",
                options: .init(
                    trust: true,
                    settings: [
                        "synchronous_commit": "off", "wal_writer_delay": "10s", "wal_writer_flush_after": "0",
                        "wal_buffers": "16MB",
                    ]))
            defer { target.remove() }
            try await withSite(Self.table, on: [.target: target]) { try await body($0, target) }
        }

        @Test(arguments: [ApplyMode.transactional, .parallel(channels: 4)])
        func `a target that loses commits it has acknowledged gets them again, each once`(mode: ApplyMode)
            async throws
        {
            try await withForgetfulTarget { site, target in
                try await site.goLive(mode)
                var lost = 0
                for round in 0..<6 {
                    let first = round * 1000
                    try site.connect(.source).execute(
                        "insert into item select g, 'x' from generate_series(\(first), \(first + 999)) g; "
                            + "update item set n = n + 1")
                    let here = "select count(*) from item where id >= \(first) and n = 1"
                    try await eventually("the rows are visible") {
                        try site.value(.target, here) == "1000"
                    }
                    // Nobody writes them again before they are checked.
                    _ = try site.migration.leave(.pause, by: "test")
                    try await eventually("apply is paused") {
                        try site.migration.status().apply?.state.word == .paused
                    }
                    try target.restart(.immediate)
                    if try site.value(.target, here) != "1000" { lost += 1 }
                    _ = try site.migration.leave(.resume, by: "test")
                    #expect(try await site.differences() == [])
                }
                #expect(lost > 0, "the target has lost what it had acknowledged")
                let counts = try site.connect(.target).query(
                    "select sum(num_inserts), sum(num_updates) from "
                        + "ybvoyager_metadata.ybvoyager_imported_event_count_by_table where table_name = "
                        + "'public.item'"
                )
                #expect(counts.rows[0] == ["6000", "21000"])
            }
        }

        @Test func `a file of the log that counts as applied is no longer needed when the target crashes`()
            async throws
        {
            try await withForgetfulTarget { site, target in
                try await site.goLive()
                // More than one file of the log.
                try site.connect(.source).execute(
                    "insert into item select g, repeat('x', 1000) from generate_series(1, 80000) g")
                try site.connect(.source).execute("insert into item values (0, 'behind it')")
                try await eventually("the first file counts as applied", within: 60) {
                    try site.migration.journal.segments().first?.isApplied == true
                }
                try target.stop(.immediate)
                try await site.stopWorker()
                try target.start()
                let next = try #require(try site.migration.journal.segments().dropFirst().first)
                let watermark = try site.connect(.target).watermark(
                    migration: try site.migration.record().uuid)
                #expect(watermark.appliedLSN >= next.afterLSN && next.afterLSN > .zero)
                site.startWorker()
                #expect(try await site.differences() == [])
            }
        }

        @Test
        func
            `a target that crashes while a cutover awaits approval has all of it at the release, sequences too`()
            async throws
        {
            try await withForgetfulTarget { site, target in
                for side in Side.allCases {
                    try site.connect(side).execute("create table counted (id serial primary key, v text)")
                }
                try await site.goLive()
                try site.connect(.source).execute(
                    "insert into item select g, 'x' from generate_series(1, 1000) g; "
                        + "insert into counted (v) select 'x' from generate_series(1, 500)")
                _ = try site.migration.leave(
                    .initiateCutover(
                        CutoverOptions(
                            to: .target, prepareForFallBack: false, verify: false, requiresApproval: true)),
                    by: "test")
                try await eventually("the wait for approval") {
                    try site.migration.record().openCutover?.status.awaitsApproval == true
                }
                try target.restart(.immediate)
                _ = try site.migration.leave(.approveRelease, by: "test")
                try await site.awaitPhase(.complete)
                #expect(try site.value(.target, "select count(*) from item") == "1000")
                #expect(
                    try site.value(.target, "select nextval('counted_id_seq') > max(id) from counted") == "t")
            }
        }

        @Test
        func
            `a target that crashes behind the snapshot, or behind a change of the mode, loses nothing of it`()
            async throws
        {
            try await withForgetfulTarget { site, target in
                try site.connect(.source).execute(
                    "insert into item select g, 'x' from generate_series(1, 5000) g")
                try await site.goLive()
                try target.restart(.immediate)
                #expect(try await site.differences() == [])
                for mode in [ApplyMode.parallel(channels: 3), .transactional] {
                    _ = try site.migration.leave(.setApplyMode(mode), by: "test")
                    try await eventually("\(mode)") {
                        try site.migration.status().apply?.channels == mode.channels
                    }
                    try target.restart(.immediate)
                    try site.connect(.source).execute("update item set n = n + 1 where id <= 100")
                    #expect(try await site.differences() == [])
                }
                #expect(try site.value(.target, "select count(*) from item") == "5000")
            }
        }

        @Test func `the commits of a released cutover are on the target's disk`() async throws {
            try await withForgetfulTarget { site, target in
                try await site.goLive()
                try site.connect(.source).execute(
                    "insert into item select g, 'x' from generate_series(1, 1000) g")
                _ = try site.migration.leave(
                    .initiateCutover(
                        CutoverOptions(to: .target, prepareForFallBack: false, verify: false)), by: "test")
                try await site.awaitPhase(.complete)
                try target.restart(.immediate)
                #expect(try site.value(.target, "select count(*) from item") == "1000")
            }
        }
    }
}
