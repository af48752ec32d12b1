import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The operator's disk limits, and captures that keep them.
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

        @Test func `a capture pauses below the least free space, and continues by itself`() async throws {
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
                #expect(events.filter { $0.contains("the disk limits are met again") }.count == 1)
            }
        }

        @Test
        func `a log above its limit pauses the capture between transactions until apply has progressed`()
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
                // A transaction larger than the limit of the log, then many small ones.
                func insert(_ first: Int, _ count: Int) throws {
                    try site.connect(.source).execute(
                        "insert into t select g, repeat(md5(g::text), 64) from generate_series(\(first), "
                            + "\(first + count - 1)) g"
                    )
                }
                try insert(1, 12_000)
                try await awaitCapture(site, .paused, reason: "(--queue-size-max)")
                let paused = try #require(try site.migration.status().capture)
                #expect(paused.unappliedBytes ?? 0 > limits.queueBytesMax ?? 0)
                // All of the first transaction, and the marker; nothing more of what follows.
                #expect(paused.totalEvents.inserts == 12_001)
                for number in 0..<80 { try insert(100_000 + number * 200, 200) }
                let written = secondsNow()
                try await eventually("the capture has published its status again") {
                    try site.migration.status().capture?.publishedAt ?? 0 > written + 0.5
                }
                #expect(try site.migration.status().capture?.totalEvents.inserts == 12_001)
                #expect(try site.migration.status().capture?.queueBytes == paused.queueBytes)

                _ = try site.migration.leave(.resume, by: "test")
                #expect(try await site.differences() == [])
                try await eventually("nothing waits any more") {
                    let capture = try site.migration.status().capture
                    return capture?.state.word == .streaming && capture?.unappliedBytes == 0
                }
            }
        }

        @Test func `impossible limits are refused, and limits stay over a restart`()
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
