import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Readings of whole tables that end within their statement, because a stop or an abort asks for it.
    @Suite(.serialized) struct StoppedReadingTests {
        private static let item = QualifiedName(schema: "public", name: "item")

        /// Whether a session of this database waits for a lock.
        private func waits(_ site: Site) throws -> Bool {
            try site.value(
                .source,
                "select count(*) from pg_stat_activity where datname = current_database() "
                    + "and wait_event_type = 'Lock' and query like '%md5%'") != "0"
        }

        @Test func `a checksum is cancelled within its statement`() async throws {
            try await withSite("create table item (id int primary key, v text)") { site in
                let reading = try site.connect(.source)
                let tables = try reading.tables(inSchemas: ["public"]).filter { $0.name == Self.item }
                let holder = try site.connect(.source)
                try holder.execute("begin; lock table item in access exclusive mode")
                var calls = 0
                #expect(throws: CancelledStep.self) {
                    _ = try TableChecksums.read(
                        reading, tables: tables,
                        meanwhile: {
                            calls += 1
                            // The first call comes before the statement.
                            if calls > 1 { throw CancelledStep() }
                        })
                }
                #expect(calls == 2)
                #expect(try !waits(site), "the server still reads")
                try holder.execute("commit")
            }
        }

        @Test func `rows that are verified are no longer read after a stop`() async throws {
            try await withSite("create table item (id int primary key, v text)") { site in
                try await site.goLive()
                let holder = try site.connect(.source)
                let stop = StopSignal()
                let options = RunOptions(source: try site.access(.source), target: try site.access(.target))
                let side = try site.context().side(.source)
                let table = try #require(try side.tables().first { $0.name == Self.item })
                try holder.execute("begin; lock table item in access exclusive mode")
                let context = RoleContext(
                    journal: site.migration.journal, exportDirectory: site.directory, options: options,
                    stop: stop, announce: { _ in })
                let ahead = OriginRanges(context, .source)
                try ahead.begin(
                    OriginRanges.Order(
                        table: VerifiedTable(table: table, comparesPartitions: false), after: nil,
                        hasRanges: false, rowsMax: nil))
                try await eventually("the reading waits") { try waits(site) }
                stop.request()
                #expect(throws: StopRequested.self) { _ = try ahead.take() }
                try await eventually("the server reads no more") { try !waits(site) }
                try holder.execute("commit")
            }
        }
    }
}
