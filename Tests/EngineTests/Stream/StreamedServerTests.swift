import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Large transactions that a server streams before their commit.
    @Suite(.serialized) struct StreamedServerTests {
        /// A table for each session, and some that all of them write.
        private static let tables = """
            create table shared (id int primary key, v text, n int default 0);
            create table large (id int primary key, body text, n int);
            alter table large alter body set storage external;
            create table bag (v int, w text);
            alter table bag replica identity full;
            create type mood as enum ('sad', 'happy');
            """ + (0..<4).map { "create table own_\($0) (id int primary key, v text, m mood);" }.joined()

        /// Returns a server that streams every transaction larger than the smallest buffer, with short
        /// timeouts.
        private func streamingSource() throws -> ThrowAwayCluster {
            try ThrowAwayCluster(
                named: "streaming",
                options: .init(
                    trust: true,
                    settings: [
                        "logical_decoding_work_mem": "64kB", "max_prepared_transactions": "10",
                        "wal_sender_timeout": "5s",
                    ]))
        }

        private func withStreamingSite(_ body: (Site) async throws -> Void) async throws {
            let source = try streamingSource()
            defer { source.remove() }
            try await withSite(Self.tables, on: [.source: source]) { site in
                try site.connect(.target).execute(
                    "alter database \(site.name) set logical_decoding_work_mem = '64kB'")
                try site.connect(.source).execute(
                    """
                    insert into shared select g, 'before' from generate_series(1, 400) g;
                    insert into large select g, repeat(md5(g::text), 150), 0 from generate_series(1, 60) g;
                    """)
                try await body(site)
            }
        }

        /// Returns the number of transactions that the server has streamed before their commit.
        private func streamedTransactions(_ site: Site, _ side: Side = .source) throws -> Int {
            try site.value(
                side,
                "select sum(stream_txns) from pg_stat_replication_slots join pg_replication_slots using "
                    + "(slot_name) "
                    + "where database = current_database()"
            ).flatMap { Int($0) } ?? 0
        }

        private func spilledBytes(_ site: Site) throws -> Int64 {
            try spillFiles(site.directory).reduce(0) { $0 + $1.bytes }
        }

        /// A session with its open savepoints.
        private final class Session {
            let number: Int
            let connection: PostgresConnection
            var savepoints = 0
            var isOpen = false

            init(_ number: Int, _ site: Site) throws {
                self.number = number
                connection = try site.connect(.source)
            }

            /// Returns a statement on the session's own rows, so that no session waits for another.
            func statement(_ random: inout Randomness) -> String {
                let low = 1000 + 100_000 * number + random.below(3000)
                let high = low + 100 + random.below(500)
                // Changes of the catalog are rare after a savepoint: the server may fail to decode them while
                // it is open.
                return switch random.below(savepoints > 0 && random.below(8) > 0 ? 9 : 12) {
                case 0, 1, 2:
                    "insert into shared select g, repeat('s', 40) from generate_series(\(low), \(high)) g "
                        + "on conflict (id) "
                        + "do update set n = shared.n + 1"
                case 3: "update shared set v = v || 'u' where id between \(low) and \(high)"
                case 4: "delete from shared where id between \(low) and \(low + 50)"
                case 5: "update large set n = n + 1 where id % 4 = \(number)"
                case 6: "update large set body = repeat('\(low)', 500) where id = \(4 + number)"
                case 7: "insert into bag select g % 7, 'w\(number)' from generate_series(1, 200) g"
                case 8:
                    "insert into own_\(number) select g, 'o', 'sad' from generate_series(\(low), \(high)) g "
                        + "on conflict (id) "
                        + "do update set m = 'happy'"
                case 9: "truncate own_\(number); insert into own_\(number) values (1, 'after', 'happy')"
                case 10:
                    "create table scratch_\(number) (n int); alter table own_\(number) set (fillfactor = "
                        + "\(50 + low % 50)); "
                        + "drop table scratch_\(number); update own_\(number) set v = v || 'd'"
                default:
                    "create index on own_\(number) (v); select pg_logical_emit_message(true, 'switchback', "
                        + "'no/barrier'); "
                        + "insert into bag values (\(number), 'message')"
                }
            }

            func step(_ random: inout Randomness) throws {
                if !isOpen {
                    try connection.execute("begin")
                    (isOpen, savepoints) = (true, 0)
                }
                switch random.below(24) {
                case 0, 1, 2:
                    savepoints += 1
                    try connection.execute("savepoint s\(savepoints)")
                case 3 where savepoints > 0, 4 where savepoints > 0:
                    // To any of them, so that nested ones are rolled back, too.
                    savepoints = 1 + random.below(savepoints)
                    try connection.execute("rollback to s\(savepoints)")
                case 5 where savepoints > 0:
                    try connection.execute("release s\(savepoints)")
                    savepoints -= 1
                case 6: try end(random.below(3) == 0 ? "rollback" : "commit")
                case 7: try prepare(commits: random.below(3) > 0)
                default: try connection.execute(statement(&random))
                }
            }

            func end(_ word: String) throws {
                guard isOpen else { return }
                try connection.execute(word)
                isOpen = false
            }

            private func prepare(commits: Bool) throws {
                try end("prepare transaction 'p\(number)'")
                try connection.execute("\(commits ? "commit" : "rollback") prepared 'p\(number)'")
            }
        }

        @Test(arguments: [ApplyMode.transactional, .parallel(channels: 3)])
        func `large transactions of several sessions interleave and arrive equal, whatever is rolled back`(
            mode: ApplyMode
        ) async throws {
            var random = Randomness("streamed sessions")
            try await withStreamingSite { site in
                try await site.goLive(mode)
                let sessions = try (0..<4).map { try Session($0, site) }
                for round in 1...3 {
                    for _ in 0..<120 {
                        try sessions[random.below(sessions.count)].step(&random)
                        // Small transactions in between.
                        if random.below(4) == 0 {
                            try site.connect(.source).execute(
                                "update shared set n = n + 1 where id = \(1 + random.below(400))")
                        }
                    }
                    for session in sessions { try session.end("commit") }
                    #expect(try await site.differences() == [], "round \(round)")
                    #expect(try spilledBytes(site) == 0)
                }
                let trouble = try site.migration.events(after: 0, limit: 100).filter {
                    $0.level != .info && !["alert", "operator"].contains($0.origin)
                }
                #expect(trouble.map(\.message).filter { !$0.contains("asked for whole ones") } == [])
                #expect(try streamedTransactions(site) > (trouble.isEmpty ? 10 : 0))
            }
        }

        @Test
        func `a large transaction during a cutover ends before it, and the fall-back streams, too`()
            async throws
        {
            try await withStreamingSite { site in
                try await site.goLive()
                let writer = try site.connect(.source)
                try writer.execute(
                    "begin; insert into shared select g, repeat('x', 50) from generate_series(1000, 9000) g")
                try await eventually("the transaction is streamed") { try spilledBytes(site) > 0 }
                try site.cutover(to: .target)
                try await eventually("the cutover has begun") {
                    try site.migration.record().openCutover != nil
                }
                try writer.execute("savepoint a; delete from shared where id > 5000; rollback to a; commit")
                try await site.awaitPhase(.fallBack)
                #expect(try site.compare() == [])
                let back = try site.connect(.target)
                try back.execute(
                    "begin; update shared set v = 'back' where id > 1000; savepoint a; delete from shared; "
                        + "rollback to a"
                )
                try await eventually("the fall-back streams") { try spilledBytes(site) > 0 }
                try back.execute("commit")
                #expect(try await site.differences(.reverse) == [])
                #expect(try streamedTransactions(site, .target) > 0)
                try site.cutover(to: .source)
                try await site.awaitPhase(.complete)
                #expect(try site.compare() == [] && spilledBytes(site) == 0)
            }
        }

        /// Servers before the minor releases of late 2026 fail in this way after TRUNCATEs inside savepoints;
        /// here the proxy sends the error.
        @Test func `a transaction that the server cannot decode while it is open is streamed whole`()
            async throws
        {
            try await withStreamingSite { site in
                let proxy = try CuttingProxy(to: site.cluster(.source).port)
                defer { proxy.close() }
                site.sourcePort = proxy.port
                try site.keepForms()
                try await site.goLive()
                let writer = try site.connect(.source)
                try writer.execute(
                    "begin; insert into own_0 select g, 'x' from generate_series(1, 5000) g; savepoint s; "
                        + "update own_0 set v = 'y'; rollback to s")
                try await eventually("the transaction is streamed") { try spilledBytes(site) > 0 }
                proxy.failStreams(
                    1,
                    with: ForgedAnswer(
                        sqlState: "XX000",
                        message: "could not map filenode \"base/5/16400\" to relation OID"))
                try await eventually("the server is asked for whole transactions") {
                    try site.trouble().contains("asked for whole ones")
                }
                try await eventually("what was streamed is forgotten") { try spilledBytes(site) == 0 }
                try writer.execute("commit")
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from own_0") == "5000")
            }
        }

        /// A position after the beginning of an open transaction is confirmed.
        @Test func `a worker killed between the blocks and the commit gets the transaction again, whole`()
            async throws
        {
            try await withStreamingSite { site in
                try await site.goLiveInProcess()
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                for round in 0..<3 {
                    let writer = try site.connect(.source)
                    let base = 1000 + 20_000 * round
                    try writer.execute(
                        "begin; insert into shared select g, repeat('x', 50) from generate_series(\(base), "
                            + "\(base + 8000)) g; "
                            + "savepoint a; update shared set n = 9 where id > \(base); rollback to a")
                    try await eventually("the transaction is streamed") { try spilledBytes(site) > 400_000 }
                    // Later commits of others are confirmed, at positions after its beginning and its blocks.
                    try site.connect(.source).execute("update shared set n = n + 1 where id = \(1 + round)")
                    let position = try #require(try site.value(.source, "select pg_current_wal_lsn()"))
                    try await eventually("a position after its blocks is confirmed") {
                        try site.connect(.source).execute(
                            "select pg_logical_emit_message(false, 'noise', '')")
                        return try site.value(
                            .source,
                            "select confirmed_flush_lsn >= '\(position)' from pg_replication_slots where "
                                + "slot_name = '\(slot)'"
                        ) == "t"
                    }
                    try site.killProcess()
                    #expect(try spilledBytes(site) > 0)
                    // It commits while no worker runs, or after the next worker has received its blocks
                    // again.
                    if round == 0 { try writer.execute("commit") }
                    try site.startProcess()
                    if round > 0 {
                        // A server that has decoded these changes before sends them only when the transaction
                        // writes more.
                        try await eventually("the file of the killed worker is gone") {
                            try spilledBytes(site) == 0
                        }
                        try writer.execute(
                            "insert into shared select g, repeat('x', 50) from "
                                + "generate_series(\(base + 9000), \(base + 11000)) g"
                        )
                        try await eventually("it is streamed again") { try spilledBytes(site) > 400_000 }
                        try writer.execute(round == 1 ? "commit" : "rollback")
                    }
                    #expect(try await site.differences() == [])
                    try await eventually("its file is gone") { try spilledBytes(site) == 0 }
                }
                #expect(try site.value(.target, "select count(*) from shared where n = 9") == "0")
            }
        }

        @Test func `a worker killed while it reads a transaction back applies it once`() async throws {
            try await withStreamingSite { site in
                try await site.goLiveInProcess()
                var killedInside = 0
                for round in 0..<4 {
                    let base = 1000 + 400_000 * round
                    let before = try logBytes(site)
                    try site.connect(.source).execute(
                        "begin; insert into bag select g, 'round \(round)' from generate_series(1, "
                            + "150000) g; "
                            + "insert into shared select g, 'r' from generate_series(\(base), "
                            + "\(base + 150000)) g; commit"
                    )
                    try await eventually("it is read back", within: 60) {
                        try logBytes(site) > before + 1_000_000
                    }
                    try site.killProcess()
                    if try spilledBytes(site) > 0 { killedInside += 1 }
                    try site.startProcess()
                    #expect(try await site.differences() == [])
                }
                #expect(killedInside > 0)
            }
        }

        private func logBytes(_ site: Site) throws -> Int {
            try segmentNumbers(site.directory).reduce(0) { sum, number in
                let path = segmentPath(site.directory, number: number)
                return sum + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
            }
        }

        @Test func `connections cut anywhere in streamed transactions lose nothing and double nothing`()
            async throws
        {
            var random = Randomness("cuts in streamed transactions")
            try await withStreamingSite { site in
                let proxy = try CuttingProxy(to: site.cluster(.source).port)
                defer { proxy.close() }
                site.sourcePort = proxy.port
                try site.keepForms()
                try await site.goLive()
                let sessions = try (0..<3).map { try Session($0, site) }
                for _ in 0..<3 {
                    for _ in 0..<70 {
                        try sessions[random.below(sessions.count)].step(&random)
                        if random.below(10) == 0 { proxy.cut(after: random.below(200_000), .toClient) }
                        if random.below(30) == 0 { proxy.cutAll() }
                    }
                    for session in sessions { try session.end("commit") }
                    proxy.heal()
                    #expect(try await site.differences() == [])
                }
                #expect(try streamedTransactions(site) > 0 && spilledBytes(site) == 0)
            }
        }
    }
}
