import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Slots that are lost, dropped, or held back by what is not migrated.
    @Suite(.serialized) struct SlotFaultTests {
        private static let table = "create table t (id int primary key, v text);"

        /// A source that keeps as little WAL for a slot as it can.
        private func sparingSource() throws -> ThrowAwayCluster {
            try ThrowAwayCluster(
                named: "sparing",
                options: .init(
                    trust: true,
                    settings: [
                        "max_slot_wal_keep_size": "1MB", "min_wal_size": "32MB", "max_wal_size": "32MB",
                    ]))
        }

        /// Writes until the server gives up the slot's WAL.
        private func loseSlot(_ site: Site) async throws {
            let slot = try #require(try site.migration.record().currentLeg?.slotName)
            try await eventually("the slot is lost") {
                try site.connect(.source).execute("select pg_switch_wal()")
                try site.connect(.source).execute(
                    "create table if not exists noise (); drop table noise; checkpoint")
                return try site.value(
                    .source, "select wal_status from pg_replication_slots where slot_name = '\(slot)'")
                    == "lost"
            }
        }

        @Test func `a slot that lost its WAL stops the capture at once, and says so plainly`() async throws {
            let source = try sparingSource()
            defer { source.remove() }
            try await withSite(Self.table, on: [.source: source]) { site in
                let proxy = try CuttingProxy(to: source.port)
                defer { proxy.close() }
                site.sourcePort = proxy.port
                try site.keepForms()
                try await site.goLive()
                proxy.stall()
                try await loseSlot(site)
                proxy.resume()
                do {
                    try await eventually("the capture says that the slot is lost") {
                        try site.trouble().contains("wal_status lost")
                    }
                } catch {
                    throw Site.Trouble(
                        description:
                            "\(error): \(try site.trouble()); \(String(describing: try site.migration.status().capture))"
                    )
                }
                let status = try #require(try site.migration.status().capture)
                #expect(
                    status.state.word == .stopped && status.state.reason.contains("begin a new migration"))
            }
        }

        @Test func `a slot that is dropped by somebody stops the capture, and says what is lost`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                try await eventually("the slot is dropped") {
                    do {
                        try site.connect(.source).execute(
                            "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '\(slot)'; "
                                + "select pg_drop_replication_slot('\(slot)')")
                        return true
                    } catch let error as PostgresError where error.sqlState == "55006" { return false }
                }
                do {
                    try await eventually("the capture says that the slot is gone") {
                        try site.trouble().contains("is gone from")
                            && site.trouble().contains("begin a new migration")
                    }
                } catch {
                    throw Site.Trouble(
                        description:
                            "\(error): \(try site.trouble()); \(String(describing: try site.migration.status().capture))"
                    )
                }
                #expect(try site.migration.status().capture?.state.word == .stopped)
            }
        }

        @Test func `a slot that loses its WAL in the snapshot ends the copy, which would be of no use`()
            async throws
        {
            let source = try sparingSource()
            defer { source.remove() }
            try await withSite(Self.table, on: [.source: source]) { site in
                try site.connect(.source).execute(
                    "insert into t select g, repeat('x', 200) from generate_series(1, 50000) g")
                let proxy = try CuttingProxy(to: try Servers.cluster(.target).port)
                defer { proxy.close() }
                site.targetPort = proxy.port
                try site.keepForms()
                proxy.holdNextCommit()
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the copy is held at its COMMIT") { proxy.isHolding }
                try await loseSlot(site)
                try await eventually("the loss is said while the copy still runs") {
                    try site.trouble().contains("wal_status lost")
                }
                proxy.release()
                try await eventually("the snapshot has stopped") {
                    try site.migration.status().capture?.state.word == .stopped
                }
                #expect(try site.migration.record().phase == .snapshot)
            }
        }
    }
}
