import Demo
import Foundation
import Journal
import Postgres
import PostgresPorts
import Records
import Schema
import Support
import Testing

@testable import Engine

/// Whether the tests between versions run; in strict mode they run and say what is missing.
let hasAllVersions =
    ServerPrograms.has(15, 17, 18) || ProcessInfo.processInfo.environment["SWITCHBACK_STRICT"] != nil

extension ServerSuites {
    /// Migrations between servers of different versions.
    @Suite(
        .serialized,
        .enabled(
            if: hasAllVersions, "there are no servers of PostgreSQL 15, 17 and 18: make servers"))
    struct VersionTests {
        /// Made at first use; they end and vanish with this process.
        static let clusters = Result {
            var clusters: [Int: ThrowAwayCluster] = [:]
            for major in [15, 17, 18] {
                clusters[major] = try ThrowAwayCluster(
                    named: "version-\(major)", options: .init(trust: true, major: major))
            }
            return clusters
        }

        private static func pair(_ source: Int, _ target: Int) throws -> [Side: ThrowAwayCluster] {
            [
                .source: try #require(try clusters.get()[source]),
                .target: try #require(try clusters.get()[target]),
            ]
        }

        /// Every type but XML, which the servers of 18 that are fetched for the tests are built without, and
        /// a table whose generated column is virtual where the server knows that.
        private static let tables =
            TypeTests.tables.replacing(" xml", with: " text") + """
                create table swapped (id int primary key, u int not null unique, big text);
                alter table swapped alter big set storage external;
                do $$ begin execute 'create table made_here (id int primary key, v int, g int generated \
                always as (v + 1)'
                    || case when current_setting('server_version_num')::int >= 180000 then '' else ' \
                    stored' end || ')'; end $$;
                """

        private static func rows(_ k: Int) -> String {
            TypeTests.rows(k) + """
                insert into swapped select g, g, repeat(md5(g::text), 200) from generate_series(\(k * 100), \(k * 100 + 9)) g;
                insert into made_here values (\(k), 1), (\(k + 1), null);
                """
        }

        private static func changes(_ k: Int) -> String {
            let first = k * 100
            return TypeTests.changes(k) + """
                begin; update swapped set u = -1 where id = \(first); update swapped set u = \(first) where id = \(first) + 1;
                update swapped set u = \(first) + 1 where id = \(first); commit;
                update swapped set id = id + 1000000 where id = \(first) + 2; delete from swapped where id = \(first) + 3;
                update made_here set v = v + 1;
                """
        }

        @Test(arguments: [(17, 18), (15, 18), (18, 15)])
        func `a migration goes from one version to another and back, with a worker killed on either way`(
            source: Int, target: Int
        ) async throws {
            let own = try Self.pair(source, target)
            try await withSite(Self.tables, schemas: ["public", "Mixed Case"], on: own) { site in
                for (side, major) in [(Side.source, source), (.target, target)] {
                    #expect(try site.connect(side).serverVersion / 10_000 == major)
                }
                let before = (try site.surroundings(.source), try site.surroundings(.target))
                try site.connect(.source).execute(Self.rows(1))
                try await site.goLiveInProcess()
                #expect(try site.compare() == [])
                for direction in [Direction.forward, .reverse] {
                    let k = direction == .forward ? 11 : 31
                    let origin = try site.connect(direction.origin)
                    try origin.execute(Self.rows(k))
                    // In the middle of what is under way; and again where the capture has something in its
                    // log.
                    try site.killProcess()
                    try origin.execute(Self.changes(k))
                    try site.startProcess()
                    try origin.execute("insert into child values (\(k) + 700, 'stays'); truncate only parent")
                    try origin.execute("truncate swapped; " + Self.rows(k + 100))
                    try site.killProcess()
                    try origin.execute(Self.changes(k + 100))
                    try site.startProcess()
                    #expect(try await site.differences(direction) == [])
                    #expect(
                        try site.value(direction.destination, "select v from child where id = \(k) + 700")
                            == "stays")
                    try site.cutover(to: direction.destination)
                    try await site.awaitPhase(direction == .forward ? .fallBack : .complete)
                    #expect(try site.compare() == [])
                }
                // The application is back: the source takes writes, and its sequences continue.
                try site.connect(.source).execute("insert into made (v) values (5)")
                _ = try site.migration.leave(
                    .endMigration(
                        EndOptions(
                            backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                            backupLogFiles: false, backupDirectory: nil)), by: "test")
                try await site.awaitPhase(.ended)
                try await eventually("the worker ends") { !site.migration.workerIsAlive() }
                #expect(try site.surroundings(.source) == before.0)
                #expect(try site.surroundings(.target) == before.1)
            }
        }

        @Test(arguments: [(17, 18), (18, 15)])
        func `the schema of a later server is exported by its own pg_dump in PATH, and imported`(
            source: Int, target: Int
        ) async throws {
            let own = try Self.pair(source, target)
            try await withSite("", schemas: ["public", "Mixed Case"], on: own) { site in
                try site.connect(.source).execute(TypeTests.tables)
                try site.connect(.target).execute("drop table marker")
                let options = RunOptions(source: try site.access(.source), target: try site.access(.target))
                func run(_ request: Request) async throws -> RequestRecord {
                    try await runRequest(request, migration: site.migration, options: options) { _ in }
                }
                let checks = try await run(.checkDatabases)
                #expect(checks.checks.filter { $0.state == .failure } == [])

                // Debian's own is older than the source.
                await #expect(throws: SchemaError.self) { try await run(.exportSchema(startClean: false)) }
                let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
                // Nothing else of this process reads it meanwhile; the suites run one after the other.
                unsafe _ = setenv("PATH", try ServerPrograms(major: source).directory + ":" + path, 1)
                defer { unsafe _ = setenv("PATH", path, 1) }
                #expect(try await run(.exportSchema(startClean: false)).state == .done)
                for isAfter in [false, true] {
                    let record = try await run(
                        .importSchema(ImportSchemaOptions(postSnapshotImport: isAfter)))
                    #expect(record.state == .done, "\(record.answer)")
                }
                // The columns, as either server describes them, and the keys.
                let shape = """
                    select string_agg(format('%s.%s %s %s %s', attrelid::regclass, attname, \
                    format_type(atttypid, atttypmod),
                        attgenerated, attidentity), ',' order by attrelid::regclass::text, attnum)
                    from pg_attribute join pg_class c on c.oid = attrelid
                    where relnamespace in ('public'::regnamespace, '"Mixed Case"'::regnamespace)
                        and relkind in ('r', 'p', 'i', 'I') and attnum > 0
                    """
                let made = try #require(try site.value(.source, shape))
                #expect(made.contains("made_pkey"))
                #expect(try site.value(.target, shape) == made)
            }
        }

        @Test func `a slot that was idle too long for a server of version 18 is reported with the cause`()
            async throws
        {
            let source = try ThrowAwayCluster(
                named: "idle",
                options: .init(
                    trust: true, settings: ["idle_replication_slot_timeout": "1s"], major: 18))
            defer { source.remove() }
            try await withSite("create table t (id int primary key);", on: [.source: source]) { site in
                try await site.goLive()
                try await site.stopWorker()
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                try await eventually("the server gives the slot up") {
                    try site.connect(.source).execute("checkpoint")
                    return try site.value(
                        .source,
                        "select invalidation_reason from pg_replication_slots where slot_name = '\(slot)'")
                        == "idle_timeout"
                }
                site.startWorker()
                try await eventually("the capture says why") {
                    try site.trouble().contains("idle_replication_slot_timeout = 1s")
                }
                let capture = try #require(try site.migration.status().capture)
                #expect(capture.state.word == .stopped && capture.state.reason.contains(slot))
            }
        }
    }
}
