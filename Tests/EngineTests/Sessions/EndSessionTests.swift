import Demo
import Foundation
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

/// Sessions in the way of a cutover, and their end.
@Suite struct EndSessionTests {
    private static let writer = OpenWriter(
        processID: "7", user: "shop", application: "batch", ageSeconds: 3, state: "idle in transaction",
        since: 990, sessionStart: "900.5")

    @Test func `a session is ended only if it was seen in the way, and is still the same`() throws {
        let seen = SeenWriters([Self.writer], on: .source, readAt: 1000)
        let end = try #require(SessionEnd(Self.writer, on: .source, mode: .terminate))
        #expect(end.processID == 7 && end.words == "session 7 (shop, batch)")
        #expect(end.refusal(seen) == nil)
        #expect(end.refusal(nil)?.contains("not read lately") == true)
        var other = end
        other.startedAt = "950.1"
        #expect(
            other.refusal(seen)?.hasSuffix("no longer writes to a migrated table")
                == true)
        other = end
        other.side = .target
        #expect(other.refusal(seen)?.contains("not read lately") == true)
        // A prepared transaction has no session, and nobody ends one whose start is not known.
        let prepared = OpenWriter(
            processID: "0", user: "shop", application: "prepared transaction x", ageSeconds: 3,
            state: "prepared")
        #expect(SessionEnd(prepared, on: .source, mode: .terminate) == nil)
        let unseen = OpenWriter(processID: "8", user: "", application: "", ageSeconds: nil)
        #expect(SessionEnd(unseen, on: .source, mode: .cancel) == nil)
    }

    @Test func `the alert about a session leads to its end, unless it is a prepared transaction`() throws {
        var sample = AlertSample()
        let old = OpenWriter(
            processID: "7", user: "shop", application: "batch", ageSeconds: 300, sessionStart: "900.5")
        let prepared = OpenWriter(
            processID: "0", user: "shop", application: "prepared transaction x", ageSeconds: 400)
        sample.status.writers = SeenWriters([old, prepared], on: .source, readAt: AlertSample.now)
        let alerts = sample.alerts
        #expect(alerts.map(\.id) == [.sessionInTheWay("prepared transaction x"), .sessionInTheWay("7")])
        #expect(alerts[0].actions.isEmpty)
        let end = try #require(SessionEnd(old, on: .source, mode: .terminate))
        #expect(alerts[1].actions.map(\.request) == [.endSession(end)])
    }

    @Test func `the worker ends a session, the log says who asked, and the cutover goes on`() async throws {
        let site = try MemorySite()
        site.source.setOpenWriters([Self.writer])
        try await site.goLive()
        let migration = site.migration
        try await eventually("the writer is seen") {
            try migration.status().writers?.writers == [Self.writer]
        }
        let end = try #require(SessionEnd(Self.writer, on: .source, mode: .terminate))
        var other = end
        other.startedAt = "1"
        #expect(throws: RequestRefused.self) {
            try migration.leave(.endSession(other), by: "ada@host console")
        }
        let id = try migration.leave(.endSession(end), by: "ada@host console")
        try await eventually("the request is done") { try migration.record(of: id)?.state == .done }
        #expect(try migration.record(of: id)?.answer == "session 7 (shop, batch) on the source was ended")
        let events = try migration.events(after: 0, limit: 100).filter { $0.origin == "operator" }
        #expect(
            events.contains {
                $0.level == .warning
                    && $0.message
                        == "session 7 (shop, batch) on the source was ended, asked by ada@host console"
            })
        try await eventually("no writer is seen") { try migration.status().writers?.writers == [] }
        #expect(throws: RequestRefused.self) { try migration.leave(.endSession(end), by: "ada@host console") }
        try await site.stopWorker()
    }
}

extension ServerSuites {
    /// Sessions of real servers.
    @Suite(.serialized) struct EndSessionServerTests {
        private static let table = "create table item (id int primary key, v text);"

        @Test func `a writer is shown with its state and times, and ended once, by its start`() async throws {
            try await withSite(Self.table) { site in
                try await site.goLive()
                let migration = site.migration
                let shop = try site.connect(.source)
                try shop.execute("begin; insert into item values (1, 'secret')")
                try await eventually("the writer is seen") {
                    try migration.status().writers?.writers.count == 1
                }
                let seen = try #require(try migration.status().writers)
                let writer = try #require(seen.writers.first)
                #expect(writer.processID == String(shop.processID) && writer.state == "idle in transaction")
                #expect(writer.since.map { abs(secondsNow() - $0) < 60 } == true)
                // A statement is cancelled, and the session stays.
                let cancel = try #require(SessionEnd(writer, on: seen.side, mode: .cancel))
                var id = try migration.leave(.endSession(cancel), by: "ada@host end session")
                try await eventually("cancelled") { try migration.record(of: id)?.state == .done }
                #expect(try shop.query("select 1").scalar == "1")
                // Another session with that process ID, as far as the server knows, is left alone.
                let side = try RoleContext(
                    journal: migration.journal, exportDirectory: site.directory,
                    options: RunOptions(source: site.access(.source)), stop: StopSignal(), announce: { _ in }
                ).side(.source)
                var other = cancel
                (other.startedAt, other.mode) = ("1.5", .terminate)
                #expect(try side.end(other) == .gone)
                #expect(try shop.query("select 1").scalar == "1")

                let end = try #require(SessionEnd(writer, on: seen.side, mode: .terminate))
                id = try migration.leave(.endSession(end), by: "ada@host end session")
                try await eventually("ended") { try migration.record(of: id)?.state == .done }
                try await eventually("the session is gone") {
                    do {
                        try shop.execute("select 1")
                        return false
                    } catch { return true }
                }
                #expect(try side.end(end) == .gone)
                let log = try migration.events(after: 0, limit: 200).map(\.message)
                #expect(
                    log.contains { $0.hasSuffix("asked by ada@host end session") && $0.contains("was ended") }
                )
                #expect(!log.contains { $0.contains("secret") })
                try await eventually("no writer is seen") { try migration.status().writers?.writers == [] }
            }
        }

        @Test func `the way of the changes and the danger clock have the numbers of the server`() async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                let migration = site.migration
                try site.connect(.source).execute(
                    "insert into item select g, 'x' from generate_series(1, 500) g")
                try await eventually("everything has come through") {
                    let status = try migration.status()
                    return status.path?.applied.events == 0 && status.path?.received.bytes == 0
                        && status.path?.durable.position != nil && status.exportRates?.peakAt != nil
                }
                let status = try migration.status()
                let path = try #require(status.path)
                #expect(path.committed.position != nil && path.queued.bytes != nil)
                #expect(path.durable.position.map { $0 > .zero } == true && path.durable.bytes != nil)
                #expect(path.received.seconds != nil && path.applied.seconds != nil)
                #expect(path.committed.age(at: status.readAt).map { $0 < 10 } == true)
                #expect(path.received.position.map { $0 >= path.applied.position ?? .last } == true)
                let clock = try #require(status.dangerClock)
                #expect(clock.slot?.usedBytes != nil && clock.slot?.limitBytes == nil)
                #expect(clock.disk?.leftBytes != nil)
                #expect(status.importRates?.run.events.reduce(0, +) == 500)
                #expect(status.exportRates?.peakAt != nil)
            }
        }

        @Test func `an index build tells how far it is to another session`() async throws {
            try await withSite(Self.table) { site in
                // A build beside the writers waits for them, as long as this transaction is open.
                let writer = try site.connect(.source)
                try writer.execute("begin; insert into item values (1, 'x')")
                let access = try site.access(.source)
                let build = Task {
                    try await OnSessionThread().run {
                        _ = try PostgresConnection(access, applicationName: "test builder").execute(
                            "create index concurrently item_v on item (v)")
                    }
                }
                let reader = try site.connect(.source)
                func processID() throws -> Int? {
                    try reader.query(
                        "select pid::text from pg_stat_activity where application_name = 'test builder'"
                    ).scalar.flatMap { Int($0) }
                }
                try await eventually("the build is shown") {
                    try processID().map { try reader.indexBuild(ofProcess: $0) != nil } == true
                }
                let shown = try #require(try processID().flatMap { try reader.indexBuild(ofProcess: $0) })
                #expect(shown.phase.contains("waiting"), "\(shown)")
                try writer.execute("commit")
                try await build.value
                #expect(try reader.indexBuild(ofProcess: reader.processID) == nil)
            }
        }
    }
}
