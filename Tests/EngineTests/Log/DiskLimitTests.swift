import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The operator's limits of the disk, and captures that keep them.
    @Suite(.serialized) struct DiskLimitTests {
        private static let table = "create table t (id int primary key, v text);"

        private func set(_ limits: DiskLimits, _ site: Site) throws {
            _ = try site.migration.leave(.setDiskLimits(limits), by: "test")
        }

        private func awaitCapture(_ site: Site, _ word: RoleState.Word, reason: String = "") async throws {
            try await eventually("the capture is \(word) \(reason)", within: 30) {
                let state = try site.migration.status().capture?.state
                return state?.word == word && (reason.isEmpty || state?.reason.contains(reason) == true)
            }
        }

        @Test func `a capture pauses below the least free space, and goes on by itself`() async throws {
            try await withSite(Self.table) { site in
                try await site.goLive()
                let free = try #require(diskFreeBytes(site.directory))
                try set(DiskLimits(freeBytesMin: free + (10 << 30)), site)
                try await awaitCapture(site, .paused, reason: "(--disk-free-min)")
                try site.connect(.source).execute(
                    "insert into t select g, 'x' from generate_series(1, 1000) g")
                try set(DiskLimits(), site)
                #expect(try await site.differences() == [])
                try await awaitCapture(site, .streaming)
                let events = try site.migration.events(after: 0, limit: 1000).map(\.message)
                #expect(events.filter { $0.contains("--disk-free-min") }.count == 1)
                #expect(events.filter { $0.contains("there is room again") }.count == 1)
            }
        }

        @Test
        func `a queue that is too long pauses the capture between transactions until apply has come on`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                #expect(try await site.differences() == [])
                let limits = DiskLimits(queueBytesMax: DiskLimits.queueBytesLeast)
                try set(limits, site)
                _ = try site.migration.leave(.pause, by: "test")
                try await eventually("apply is paused") {
                    try site.migration.status().apply?.state.word == .paused
                }
                // A transaction larger than the whole queue may be, then many small ones.
                func insert(_ first: Int, _ count: Int) throws {
                    try site.connect(.source).execute(
                        "insert into t select g, repeat(md5(g::text), 64) from generate_series(\(first), \(first + count - 1)) g"
                    )
                }
                try insert(1, 12_000)
                try await awaitCapture(site, .paused, reason: "(--queue-size-max)")
                let held = try #require(try site.migration.status().capture)
                #expect(held.unappliedBytes ?? 0 > limits.queueBytesMax ?? 0)
                // All of the first one, and the marker; and nothing more of what comes now.
                #expect(held.totalEvents.inserts == 12_001)
                for number in 0..<80 { try insert(100_000 + number * 200, 200) }
                let written = secondsNow()
                try await eventually("the capture has said again how it stands") {
                    try site.migration.status().capture?.publishedAt ?? 0 > written + 0.5
                }
                #expect(try site.migration.status().capture?.totalEvents.inserts == 12_001)
                #expect(try site.migration.status().capture?.queueBytes == held.queueBytes)

                _ = try site.migration.leave(.resume, by: "test")
                #expect(try await site.differences() == [])
                try await eventually("nothing waits any more") {
                    let capture = try site.migration.status().capture
                    return capture?.state.word == .streaming && capture?.unappliedBytes == 0
                }
            }
        }

        @Test func `limits that cannot be are refused, and those that are set stay over a restart`()
            async throws
        {
            try await withSite(Self.table) { site in
                #expect(throws: RequestRefused.self) { try set(DiskLimits(queueBytesMax: 1), site) }
                #expect(throws: RequestRefused.self) { try set(DiskLimits(freeBytesMin: -1), site) }
                try set(DiskLimits(freeBytesMin: 5, queueBytesMax: 1 << 40), site)
                let again = try Migration(existing: site.directory)
                #expect(try again.status().diskLimits == DiskLimits(freeBytesMin: 5, queueBytesMax: 1 << 40))
            }
        }
    }
}
