import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Faults while the tables are copied.
    @Suite(.serialized) struct SnapshotFaultTests {
        private static let table = "create table t (id int primary key, v text);"
        /// A table without a key, in which a row that came twice would stay.
        private static let bag = "create table t (id int); alter table t replica identity full;"

        @Test(arguments: [Side.source, .target])
        func `a snapshot whose connections are cut continues, and no row is doubled`(side: Side)
            async throws
        {
            try await withSite("create table a (id int); alter table a replica identity full;" + Self.table) {
                site in
                let proxy = try CuttingProxy(to: try Servers.cluster(side).port)
                defer { proxy.close() }
                if side == .target { site.targetPort = proxy.port } else { site.sourcePort = proxy.port }
                try site.keepForms()
                try site.connect(.source).execute(
                    "insert into a select g from generate_series(1, 40000) g; "
                        + "insert into t select g, repeat('x', 100) from generate_series(1, 40000) g")
                for bytes in [100_000, 2_000_000] {
                    proxy.cut(after: bytes, side == .target ? .toServer : .toClient)
                }
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                for share in 1...4 {
                    try await eventually("the copy was cut off, or is done") {
                        try site.trouble().contains("cut off") || site.migration.record().phase == .streaming
                    }
                    proxy.cut(after: share * 500_000, side == .target ? .toServer : .toClient)
                    try site.connect(.source).execute(
                        "insert into a values (-\(share)); update t set v = 'y' where id = \(share)")
                }
                try await eventually("the proxy has cut off the copy") {
                    try site.trouble().contains("cut off")
                }
                proxy.heal()
                try await site.awaitPhase(.streaming)
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from a") == "40004")
            }
        }

        @Test
        func
            `a table that is truncated between the snapshot and its copy is copied again, and its changes find their rows`()
            async throws
        {
            try await withSite(
                "create table a (id int primary key); create table z (id int primary key, v text);"
            ) {
                site in
                let proxy = try CuttingProxy(to: try Servers.cluster(.target).port)
                defer { proxy.close() }
                site.targetPort = proxy.port
                try site.keepForms()
                try site.connect(.source).execute(
                    "insert into z select g, 'x' from generate_series(1, 100) g")
                // With one copy job, the copy of the first table is not finished.
                proxy.holdNextCommit()
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the COMMIT of the copy is withheld") { proxy.isHolding }
                try site.connect(.source).execute("delete from z where id <= 10")
                try site.connect(.source).execute("update z set v = 'y' where id = 11")
                try site.connect(.source).execute("truncate z")
                try site.connect(.source).execute("insert into z values (1, 'after')")
                proxy.release()
                try await site.awaitPhase(.streaming)
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select string_agg(v, ',') from z") == "after")
            }
        }

        @Test
        func
            `a slot of a worker that died before it noted it is made anew, and what was written meanwhile comes over`()
            async throws
        {
            try await withSite(Self.table) { site in
                let leg = Leg(
                    number: 1, direction: .forward, start: .snapshot, uuid: try site.migration.record().uuid)
                try site.connect(.source).execute(
                    "select pg_create_logical_replication_slot('\(leg.slotName)', 'pgoutput'); "
                        + "insert into t select g, 'x' from generate_series(1, 100) g")
                try await site.goLive()
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from t") == "100")
            }
        }

        @Test func `a worker killed between snapshot and stream does not copy again, and misses no change`()
            async throws
        {
            try await withSite(Self.table) { site in
                try site.connect(.source).execute(
                    "insert into t select g, 'x' from generate_series(1, 5000) g")
                try site.startProcess()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await eventually("the end of the snapshot") {
                    try site.migration.record().snapshotEndedAt != nil
                }
                try site.killProcess()
                try site.connect(.source).execute(
                    "update t set v = 'y' where id % 2 = 0; delete from t where id % 5 = 0")
                try site.startProcess()
                #expect(try await site.differences() == [])
                #expect(try site.migration.journal.tables().allSatisfy { $0.generation == 1 })
            }
        }

        @Test
        func
            `a row that the target refuses stops the copy with the name of the table, and the copy continues once it is mended`()
            async throws
        {
            try await withSite(Self.table) { site in
                try site.connect(.target).execute("alter table t add constraint short check (length(v) < 5)")
                try site.connect(.source).execute(
                    "insert into t select g, repeat('x', 1 + g / 900) from generate_series(1, 5000) g")
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                do {
                    try await eventually("the copy stops", within: 10) {
                        try site.trouble().contains("constraint short of public.t")
                    }
                } catch { throw Site.Trouble(description: "\(error): \(try site.trouble())") }
                #expect(try site.value(.target, "select count(*) from t") == "0")
                #expect(try site.migration.status().capture?.state.word == .stopped)
                try site.connect(.target).execute("alter table t drop constraint short")
                try site.connect(.source).execute("delete from t where id = 1")
                _ = try site.migration.leave(.resume, by: "test")
                try await site.awaitPhase(.streaming)
                #expect(try await site.differences() == [])
            }
        }
    }
}
