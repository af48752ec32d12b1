import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The statement that moves watermarks and counts, in both of its forms, on a real server.
    @Suite(.serialized) struct ClaimTests {
        private static let one: [QualifiedName: ChangeCounts] = [
            "public.a": ChangeCounts(inserts: 1, updates: 2, deletes: 3)
        ]
        private static let two = one.merging(["public.b": ChangeCounts(updates: 5)]) { first, _ in first }

        /// Claims from each position in turn, each in a transaction of its own; throws the first refusal.
        private func claim(
            _ site: Site, _ uuid: String, _ steps: [(from: [ChannelPosition], to: UInt64)],
            counts: [QualifiedName: ChangeCounts]
        ) throws {
            let connection = try site.connect(.target)
            try connection.prepareClaim()
            try connection.enterPipeline()
            for step in steps {
                try connection.queueClaim(
                    migration: uuid, step.from, to: LogPosition(number: step.to), keeper: 0, counts: counts)
                try connection.queueSync()
                do { try connection.collect(count: 1) } catch { throw error.error }
            }
        }

        private func rows(_ site: Site, _ uuid: String) throws -> [String] {
            let connection = try site.connect(.target)
            let channels = try connection.channels(migration: uuid).map {
                "\($0.number) \($0.appliedLSN.number) \($0.counts)"
            }
            let tables = try connection.query(
                "select table_name, channel_no, total_events, num_inserts, num_updates, num_deletes "
                    + "from ybvoyager_metadata.ybvoyager_imported_event_count_by_table where migration_uuid "
                    + "= $1 order by 1",
                [uuid]
            ).rows.map { $0.map { $0 ?? "" }.joined(separator: " ") }
            return channels + tables
        }

        @Test(arguments: [one, two])
        func
            `a claim moves the watermark from where it is and adds the counts, and is refused from anywhere else`(
                _ counts: [QualifiedName: ChangeCounts]
            ) async throws
        {
            try await withSite("create table a (id int primary key)") { site in
                let uuid = UUID().uuidString.lowercased()
                let target = try site.connect(.target)
                try target.ensureMetadata(migration: uuid)
                func at(_ lsn: UInt64) -> [ChannelPosition] {
                    [ChannelPosition(number: 0, lsn: LogPosition(number: lsn))]
                }
                try claim(site, uuid, [(at(0), 70), (at(70), 90)], counts: counts)
                let after = try rows(site, uuid)
                let total = counts.values.reduce(ChangeCounts.zero, +)
                #expect(after.first == "0 90 \(total + total)")
                #expect(after.contains("public.a 0 12 2 4 6"))
                #expect(after.contains("public.b 0 10 0 10 0") == (counts.count == 2))
                // From an earlier position, from a later one, and for a channel that does not exist: nothing
                // changes.
                for from in [at(70), at(91), [ChannelPosition(number: 4, lsn: LogPosition(number: 90))]] {
                    let error = #expect(throws: PostgresError.self) {
                        try claim(site, uuid, [(from, 95)], counts: counts)
                    }
                    #expect(error?.sqlState == "22012")
                }
                #expect(try rows(site, uuid) == after)
                // A channel that does not keep the counts by table moves alone.
                try target.execute(
                    "insert into ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                        + "values ('\(uuid)', 4, 90, 0, 0, 0)")
                try claim(
                    site, uuid, [([ChannelPosition(number: 4, lsn: LogPosition(number: 90))], 95)],
                    counts: counts)
                let moved = try rows(site, uuid)
                #expect(Array(moved.prefix(2)) == [after[0], "4 95 \(total)"])
                #expect(moved.contains("public.a 0 18 3 6 9"))
                // Somebody has removed the row.
                try target.execute(
                    "delete from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo where "
                        + "migration_uuid = '\(uuid)'"
                )
                let error = #expect(throws: PostgresError.self) {
                    try claim(site, uuid, [(at(90), 95)], counts: counts)
                }
                #expect(error?.sqlState == "22012")
            }
        }

        @Test func `a claim that waited for another one finds the watermark moved`() async throws {
            try await withSite("create table a (id int primary key)") { site in
                let uuid = UUID().uuidString.lowercased()
                let target = try site.connect(.target)
                try target.ensureMetadata(migration: uuid)
                let start = [ChannelPosition(number: 0, lsn: .zero)]
                // The first one locks the row until its transaction ends.
                let first = try site.connect(.target)
                try first.prepareClaim()
                try first.enterPipeline()
                try first.queue(sql: "begin")
                try first.queueClaim(
                    migration: uuid, start, to: LogPosition(number: 50), keeper: 0, counts: Self.one)
                try first.queueSync()
                try first.collect(count: 2)
                let second = try site.connect(.target)
                try second.prepareClaim()
                try second.enterPipeline()
                try second.queueClaim(
                    migration: uuid, start, to: LogPosition(number: 60), keeper: 0, counts: Self.one)
                try second.queueSync()
                try second.pump()
                let watcher = try site.connect(.target)
                try await eventually("the second claim to wait", within: 20) {
                    try watcher.query(
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and pid = "
                            + "\(second.processID)"
                    ).scalar == "1"
                }
                try first.queue(sql: "commit")
                try first.queueSync()
                try first.collect(count: 1)
                let error = #expect(throws: PipelineFailure.self) { try second.collect(count: 1) }
                #expect(error?.error.sqlState == "22012")
                #expect(try rows(site, uuid) == ["0 50 \(Self.one["public.a"]!)", "public.a 0 6 1 2 3"])
            }
        }
    }
}
