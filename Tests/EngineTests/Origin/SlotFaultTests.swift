import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Slots that are lost, dropped, or kept back by writes that are not migrated.
    @Suite(.serialized) struct SlotFaultTests {
        private static let table = "create table t (id int primary key, v text);"

        /// Returns a source that keeps as little WAL for a slot as possible.
        private func sparingSource(keeps: String = "1MB", _ further: [String: String] = [:]) throws
            -> ThrowAwayCluster
        {
            let settings = ["max_slot_wal_keep_size": keeps, "min_wal_size": "32MB", "max_wal_size": "32MB"]
            return try ThrowAwayCluster(
                named: "sparing",
                options: .init(trust: true, settings: settings.merging(further) { $1 }))
        }

        /// Writes until the server removes the slot's WAL.
        private func loseSlot(_ site: Site, of side: Side = .source) async throws {
            let slot = try #require(try site.migration.record().currentLeg?.slotName)
            try await eventually("the slot is lost") {
                try site.connect(side).execute("select pg_switch_wal()")
                try site.connect(side).execute(
                    "create table if not exists noise (); drop table noise; checkpoint")
                return try site.value(
                    side, "select wal_status from pg_replication_slots where slot_name = '\(slot)'")
                    == "lost"
            }
        }

        @Test(arguments: Direction.allCases)
        func `a slot that lost its WAL stops the capture at once, with a plain error`(direction: Direction)
            async throws
        {
            let origin = try sparingSource()
            defer { origin.remove() }
            try await withSite(Self.table, on: [direction.origin: origin]) { site in
                let proxy = try CuttingProxy(to: origin.port)
                defer { proxy.close() }
                if direction == .forward {
                    site.sourcePort = proxy.port
                } else {
                    site.targetPort = proxy.port
                }
                try site.keepForms()
                try await site.goLive(direction)
                try await eventually("the slot is read") {
                    try site.value(direction.origin, "select active from pg_replication_slots") == "t"
                }
                let options = CutoverOptions(to: direction.destination)
                func gate() throws -> Gate? {
                    try site.migration.gates(for: options).first { $0.name == .slot }
                }
                try await eventually("the slot's gate is green") { try gate()?.state == .green }
                proxy.stall()
                try await loseSlot(site, of: direction.origin)
                proxy.resume()
                do {
                    try await eventually("the capture says that the slot is lost") {
                        try site.trouble().contains("wal_status lost")
                    }
                } catch {
                    throw Site.Trouble(
                        description:
                            "\(error): \(try site.trouble()); "
                            + "\(String(describing: try site.migration.status().capture))"
                    )
                }
                #expect(try gate()?.state == .red)
                let status = try #require(try site.migration.status().capture)
                #expect(status.state.word == .stopped && status.walStatus == "lost")
                // The server also ends the walsender; the error must not be that of a lost connection.
                let reason = status.state.reason
                for part in [
                    "the slot \(status.slotName) at", "is lost", "max_slot_wal_keep_size = 1MB",
                    "the changes after \(status.loggedLSN), the last commit in the log, are lost with it",
                    "begin a new migration, with a larger max_slot_wal_keep_size",
                ] { #expect(reason.contains(part), "\(reason)") }
                let log = try String(contentsOfFile: origin.logFile, encoding: .utf8)
                #expect(log.contains("to release replication slot \"\(status.slotName)\""))
            }
        }

        @Test(arguments: Direction.allCases)
        func `a slot that somebody drops stops the capture, and the error says what is lost`(
            direction: Direction
        ) async throws {
            try await withSite(Self.table) { site in
                try await site.goLive(direction)
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                try await eventually("the slot is dropped") {
                    do {
                        try site.connect(direction.origin).execute(
                            "select pg_terminate_backend(active_pid) from pg_replication_slots where "
                                + "slot_name = '\(slot)'; "
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
                            "\(error): \(try site.trouble()); "
                            + "\(String(describing: try site.migration.status().capture))"
                    )
                }
                #expect(try site.migration.status().capture?.state.word == .stopped)
            }
        }

        @Test func `a slot that loses its WAL during the snapshot ends the copy, which would be useless`()
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
                // The COMMIT of the metadata comes first, and passes.
                proxy.holdNextCommit(passing: 1)
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the copy waits at its COMMIT") { proxy.isHolding }
                try await loseSlot(site)
                try await eventually("the loss is reported while the copy still runs") {
                    try site.trouble().contains("wal_status lost")
                }
                proxy.release()
                try await eventually("the snapshot has stopped") {
                    try site.migration.status().capture?.state.word == .stopped
                }
                #expect(try site.migration.record().phase == .snapshot)
            }
        }

        @Test func `a slot near its limit is reported once, and again when it is out of danger`()
            async throws
        {
            let source = try sparingSource(keeps: "96MB")
            defer { source.remove() }
            try await withSite(Self.table, on: [.source: source]) { site in
                try await site.goLive()
                func warnings(_ words: String) throws -> Int {
                    try site.migration.events(after: 0, limit: 1000).filter {
                        $0.level == .warning && $0.message.contains(words)
                    }.count
                }
                // An open transaction keeps the slot's restart_lsn, whatever is confirmed.
                let open = try site.connect(.source)
                try open.execute("begin; insert into t values (1, 'open')")
                func write(until bytes: Int, _ words: String) async throws {
                    try await eventually("the slot keeps \(bytes) bytes") {
                        let retained = try site.value(
                            .source,
                            "select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > \(bytes) from "
                                + "pg_replication_slots"
                        )
                        if retained == "t" { return true }
                        try site.connect(.source).execute(
                            "select pg_logical_emit_message(false, 'test', repeat('x', 2000000)); checkpoint")
                        return false
                    }
                    try await eventually("a warning: \(words)") { try warnings(words) > 0 }
                }
                try await write(until: 72 << 20, "wal_status extended")
                try await write(until: 88 << 20, "(safe_wal_size)")
                let status = try #require(try site.migration.status().capture)
                #expect(status.walStatus == "extended" && (status.safeWALBytes ?? 0) < 48 << 20)
                #expect((status.retainedWALBytes ?? 0) > 32 << 20)
                try open.execute("commit")
                try await eventually("the slot is out of danger") {
                    try site.connect(.source).execute("checkpoint")
                    return try site.migration.events(after: 0, limit: 1000).contains {
                        $0.level == .info && $0.message.contains("is out of danger")
                    }
                }
                #expect(try warnings("wal_status extended") == 1 && warnings("(safe_wal_size)") == 1)
                #expect(try await site.differences() == [])
            }
        }

        @Test func `the slot of an idle database moves while another database of the server writes`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                let other = try PostgresConnection(
                    try site.cluster(.source).access(), applicationName: "test")
                try other.execute("create table if not exists other (id int, v text)")
                for _ in 1...2 {
                    try other.execute(
                        "insert into other select g, repeat('x', 100) from generate_series(1, 20000) g; "
                            + "truncate other"
                    )
                    let end = try #require(try other.query("select pg_current_wal_lsn()").scalar)
                    try await eventually("the slot has passed what the other database wrote") {
                        try other.query(
                            "select confirmed_flush_lsn >= $1::pg_lsn from pg_replication_slots where "
                                + "slot_name = $2",
                            [end, slot]
                        ).scalar == "t"
                    }
                }
                try other.execute("drop table other")
            }
        }

        @Test func `a role that may not write a heartbeat still streams, and the missing right is reported`()
            async throws
        {
            // A right on a system function is granted for each database, so the test has a server of its own.
            let source = try sparingSource(keeps: "-1")
            defer { source.remove() }
            try await withSite(Self.table, on: [.source: source]) { site in
                try site.connect(.source).execute(
                    """
                    create role mover login replication; grant mover to postgres;
                    alter database \(site.name) owner to mover; alter table t owner to mover; alter table \
                    marker owner to mover;
                    """)
                site.sourceUser = "mover"
                try site.keepForms()
                try await site.goLive()
                try site.connect(.source).execute(
                    "revoke execute on function pg_logical_emit_message(boolean, text, text) from public")
                try await eventually("the missing right is named") {
                    try site.trouble().contains(
                        "grant execute on function pg_catalog.pg_logical_emit_message")
                }
                try site.connect(.source).execute(
                    "insert into t select g, 'x' from generate_series(1, 100) g")
                #expect(try await site.differences() == [])
                try await eventually("the capture streams") {
                    try site.migration.status().capture?.state.word == .streaming
                }
            }
        }

        @Test
        func `two lost servers are shown with count, reason and next attempt, until they are back`()
            async throws
        {
            try await withSite(Self.table) { site in
                let proxies = try Dictionary(
                    uniqueKeysWithValues: Side.allCases.map {
                        ($0, try CuttingProxy(to: try site.cluster($0).port))
                    })
                defer { for proxy in proxies.values { proxy.close() } }
                site.sourcePort = proxies[.source]?.port
                site.targetPort = proxies[.target]?.port
                try site.keepForms()
                try await site.goLive()
                var seen: [Int] = [0, 0]
                try await eventually("each role has tried three times") {
                    for proxy in proxies.values { proxy.cutAll() }
                    let status = try site.migration.status()
                    for (number, (state, retries)) in [
                        (status.capture?.state, status.capture?.retries),
                        (status.apply?.state, status.apply?.retries),
                    ].enumerated() where state?.word == .retrying {
                        let retries = try #require(retries)
                        #expect(!retries.reason.isEmpty && retries.reason == state?.reason)
                        #expect(retries.nextAt > retries.at && retries.at > 0)
                        seen[number] = max(seen[number], retries.count)
                    }
                    return seen.allSatisfy { $0 >= 3 }
                }
                try site.connect(.source).execute("insert into t values (1, 'after')")
                #expect(try await site.differences() == [])
                try await eventually("both roles stream") {
                    let status = try site.migration.status()
                    return status.capture?.state.word == .streaming && status.apply?.state.word == .streaming
                }
                let status = try site.migration.status()
                // The last reason is still shown.
                #expect(
                    status.capture?.retries.reason.isEmpty == false
                        && status.apply?.retries.reason.isEmpty == false)
            }
        }
    }
}
