import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Second captures of a leg, which YugabyteDB would accept: our own lock and generation refuse them. The
    /// stand-in's slot is free when they are made, so that the server would accept them, too.
    @Suite(.serialized) struct YugabyteClaimTests {
        private static let table = "create table item (id int primary key, v text);"
        /// The end of a log that has everything.
        private static let longest = LogPosition(number: UInt64(Int64.max))

        /// A capture of the fall-back from another export directory.
        private struct Second {
            let context: RoleContext
            let leg: Leg

            init(_ directory: String, of site: Site) throws {
                context = RoleContext(
                    journal: try Migration(existing: directory).journal, exportDirectory: directory,
                    options: RunOptions(source: try site.access(.source), target: try site.access(.target)),
                    stop: StopSignal(), announce: { _ in })
                leg = try #require(try context.record().currentLeg)
            }

            /// Returns the error of an attempt to read the stream; nil if it is read.
            func refusal(logged: LogPosition = YugabyteClaimTests.longest) throws -> (any Error)? {
                let stream = try context.origin(of: leg).openStream()
                do { try stream.start(openTransactions: false, logged: logged) } catch { return error }
                return nil
            }
        }

        private func copy(_ site: Site) throws -> String {
            let copy = site.directory + "-copy-\(UUID().uuidString.prefix(8))"
            try FileManager.default.copyItem(atPath: site.directory, toPath: copy)
            return copy
        }

        private func remove(_ directory: String) {
            do { try FileManager.default.removeItem(atPath: directory) } catch { print("\(error)") }
        }

        private func awaitFreeSlot(_ site: Site) async throws {
            try await eventually("the slot is free") {
                try site.value(.target, "select bool_or(active) from pg_replication_slots") == "f"
            }
        }

        private func age(_ site: Site) throws {
            try site.connect(.target).execute(
                "update ybvoyager_metadata.switchback_claims set renewed_at = now() - interval '1 hour'")
        }

        @Test func `a copy of the export directory gets no stream while the first one reads, and none later`()
            async throws
        {
            try await withYugabyteSite(Self.table) { site in
                try await site.goLive(.reverse)
                #expect(try await site.differences(.reverse) == [])
                try await site.awaitCheck()
                #expect(throws: RequestRefused.self) {
                    try RoleLock(exportDirectory: site.directory, role: .capture)
                }
                let copy = try copy(site)
                defer { remove(copy) }
                // The first one is stopped and has renewed its claim just now. The slot is free.
                try await site.stopWorker()
                try await awaitFreeSlot(site)
                let second = try Second(copy, of: site)
                let waiting = try #require(try second.refusal() as? PostgresError)
                #expect(waiting.condition == .inUse)
                #expect(waiting.message.contains("another capture of this migration reads the stream"))
                #expect(
                    try site.value(.target, "select bool_or(active) from pg_replication_slots") == "f")
                // The first one goes on, and has a generation that the copy has not.
                site.startWorker()
                try site.connect(.target).execute("insert into item values (1, 'after the copy')")
                #expect(try await site.differences(.reverse) == [])
                try await site.stopWorker()
                try await awaitFreeSlot(site)
                try age(site)
                let left = try #require(try second.refusal() as? RequestRefused)
                #expect(left.reason.contains("is a copy that was left behind"), "\(left.reason)")
                #expect(left.reason.contains("generation"), "\(left.reason)")
                site.startWorker()
                try site.connect(.target).execute("insert into item values (2, 'still the first one')")
                #expect(try await site.differences(.reverse) == [])
            }
        }

        @Test func `a capture role in a copy ends with the refusal, and the first one streams on`()
            async throws
        {
            try await withYugabyteSite(Self.table) { site in
                try await site.goLive(.reverse)
                let copy = try copy(site)
                defer { remove(copy) }
                try await site.stopWorker()
                site.startWorker()
                #expect(try await site.differences(.reverse) == [])
                let second = try Second(copy, of: site)
                let refused = await #expect(throws: RequestRefused.self) {
                    _ = try await CaptureRole(context: second.context, leg: second.leg).run()
                }
                #expect(refused?.reason.contains("is a copy that was left behind") == true)
                try site.connect(.target).execute("insert into item values (1, 'on')")
                #expect(try await site.differences(.reverse) == [])
            }
        }

        @Test func `a directory that was moved takes the stream over, and the earlier place gets it no more`()
            async throws
        {
            try await withYugabyteSite(Self.table) { site in
                try await site.goLive(.reverse)
                #expect(try await site.differences(.reverse) == [])
                try await site.awaitCheck()
                try await site.stopWorker()
                try await awaitFreeSlot(site)
                let moved = try copy(site)
                defer { remove(moved) }
                try age(site)
                let second = try Second(moved, of: site)
                // Its log has to have all that was read.
                let short = try #require(try second.refusal(logged: .zero) as? RequestRefused)
                #expect(short.reason.contains("it is an older copy"), "\(short.reason)")
                let before = try site.value(
                    .target, "select generation from ybvoyager_metadata.switchback_claims")
                #expect(try second.refusal() == nil)
                #expect(
                    try site.value(.target, "select generation from ybvoyager_metadata.switchback_claims")
                        == before.flatMap { Int($0) }.map { String($0 + 1) })
                site.startWorker()
                try await eventually("the capture of the first place is refused") {
                    try site.trouble().contains("is a copy that was left behind")
                }
            }
        }

        @Test func `a running capture ends when another one has taken the stream over`() async throws {
            try await withYugabyteSite(Self.table) { site in
                try await site.goLive(.reverse)
                try await site.awaitCheck()
                try site.connect(.target).execute(
                    "update ybvoyager_metadata.switchback_claims set token = gen_random_uuid()")
                try await eventually("the capture ends") {
                    try site.migration.status().capture?.state.word == .stopped
                }
                let reason = try site.migration.status().capture?.state.reason ?? ""
                #expect(reason.contains("was taken over by another capture"), "\(reason)")
            }
        }

        @Test func `a stream whose claim is not renewed is given up in time, and claimed anew`() async throws
        {
            try await withYugabyteSite(Self.table) { site in
                try await site.goLive(.reverse)
                try await site.awaitCheck()
                let holder = try site.connect(.target)
                try holder.execute(
                    "begin; lock table ybvoyager_metadata.switchback_claims in access exclusive mode")
                try await eventually("the stream is given up", within: 60) {
                    try site.trouble().contains("the claim to the stream was not renewed for 20 s")
                }
                try holder.execute("commit")
                try site.connect(.target).execute("insert into item values (1, 'later')")
                #expect(try await site.differences(.reverse) == [])
            }
        }
    }
}
