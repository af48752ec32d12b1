import Foundation
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Writers that no look at open transactions finds.
    @Suite(.serialized) struct HiddenWriterTests {
        private static let tables = """
            create table item (id serial primary key, v text);
            create function job() returns void language sql as $$ insert into item (v) values ('job') $$;
            create function batch() returns void language plpgsql as
                $$ begin execute 'insert into ' || 'it' || 'em (v) values (1)'; end $$;
            """

        /// The writers, each with the statements that it sends once and those that it sends again and again.
        private static let writers = [
            ("late connect", "", "insert into item (v) values ('late')"),
            ("cron", "", "select job()"),
            ("superuser", "set role postgres", "update item set v = v where id = 1"),
            ("loop", "", "insert into item (v) values ('loop')"),
            ("prepared", "prepare p as insert into item (v) values ('p')", "execute p"),
            ("pooled", "", "insert into item (v) values ('pool'); discard plans"),
            ("block", "", "do $$ begin insert into item (v) values ('do'); end $$"),
            ("dynamic", "", "select batch()"),
            ("cte", "", "with a as (insert into item (v) values ('c') returning id) select count(*) from a"),
        ]

        /// A box, because a connection cannot be copied. One task uses it.
        private final class Box: @unchecked Sendable {
            let connection: PostgresConnection
            init(_ connection: consuming PostgresConnection) { self.connection = connection }
        }

        private func connect(_ site: Site, as application: String) throws -> PostgresConnection {
            try PostgresConnection(
                try site.cluster(.source).access(database: site.name), applicationName: application,
                settings: nil)
        }

        @Test func `ten hidden writers are found and named within a second, and one is ended`() async throws {
            try await withSite(Self.tables) { site in
                try await site.goLive()
                let migration = site.migration
                try await eventually("the sessions are read") { try migration.status().writers != nil }
                try site.connect(.source).execute(
                    "begin; insert into item (v) values ('two'); prepare transaction '\(site.name)'")
                let stop = StopSignal()
                var tasks: [Task<Void, any Error>] = []
                var processIDs: [String: Int] = [:]
                for (name, first, again) in Self.writers {
                    let box = Box(try connect(site, as: name))
                    processIDs[name] = Int(box.connection.processID)
                    tasks.append(
                        Task {
                            try await OnSessionThread().run {
                                if !first.isEmpty { try box.connection.execute(first) }
                                while !stop.isRequested {
                                    try box.connection.execute(again)
                                    usleep(100_000)
                                }
                            }
                        })
                }
                let began = ContinuousClock.now
                let wanted = Set(Self.writers.map(\.0) + ["prepared transaction \(site.name)"])
                func found() throws -> Set<String> {
                    Set(try #require(try migration.status().writers).all.map(\.application))
                }
                try await eventually("all writers", within: 20) { try wanted.isSubset(of: found()) }
                let took = ContinuousClock.now - began
                print("ten hidden writers found in \(took)")
                let seen = try #require(try migration.status().writers)
                for (name, _, _) in Self.writers {
                    let writer = try #require(seen.all.first { $0.application == name })
                    #expect(writer.tables?.contains("public.item") == true, "\(writer)")
                    #expect(writer.processID == processIDs[name].map(String.init))
                }
                // No text of a statement is kept: it has values.
                let published = try String(
                    contentsOfFile: PublishedWriters.path(site.directory), encoding: .utf8)
                #expect(!published.contains("insert") && !published.contains("'loop'"))
                // One of them is ended by its process ID, though no transaction of it is open.
                let loop = try #require(seen.all.first { $0.application == "loop" })
                let end = try #require(SessionEnd(loop, on: .source, mode: .terminate))
                let id = try migration.leave(.endSession(end), by: "ada@host end session")
                try await eventually("ended") { try migration.record(of: id)?.state == .done }
                try await eventually("it is forgotten", within: 20) { try !found().contains("loop") }
                stop.request()
                for task in tasks { _ = await task.result }
                try site.connect(.source).execute("rollback prepared '\(site.name)'")
            }
        }

        @Test func `the quiet proof that finds a writer names it`() async throws {
            try await withSite(Self.tables) { site in
                try await site.goLive()
                let waivers = Site.equality.map { GateWaiver(gate: $0, reason: "test") }
                _ = try site.migration.leave(
                    .initiateCutover(
                        CutoverOptions(
                            to: .target, requiresApproval: true, fence: .nothing, waivers: waivers)),
                    by: "test")
                try await eventually("the cutover awaits approval") {
                    try site.migration.status().cutovers.last?.awaitsApproval == true
                }
                let box = Box(try connect(site, as: "nightly"))
                let stop = StopSignal()
                let writer = Task {
                    try await OnSessionThread().run {
                        while !stop.isRequested {
                            try box.connection.execute("select job()")
                            usleep(50_000)
                        }
                    }
                }
                try await eventually("the writer is seen", within: 20) {
                    try site.migration.status().writers?.recent.contains { $0.application == "nightly" }
                        == true
                }
                _ = try site.migration.leave(.approveRelease, by: "test")
                try await eventually("the cutover is aborted", within: 60) {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                stop.request()
                _ = await writer.result
                let reason = try site.migration.record().cutovers.last?.abortReason ?? ""
                #expect(reason.contains("is not quiet") && reason.contains("nightly"), "\(reason)")
                #expect(reason.contains("public.item"), "\(reason)")
            }
        }
    }
}
