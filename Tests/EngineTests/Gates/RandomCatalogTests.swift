import Demo
import Foundation
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The catalogs of random schemas: before and after a copy by pg_dump and psql, and while triggers and
    /// foreign keys are off. Each test takes some seconds, because it makes thousands of objects.
    @Suite(.serialized) struct RandomCatalogTests {
        /// Random schemas; the seed of the first is printed.
        static func schemas(_ count: Int, _ test: String) -> [RandomSchema] {
            var random = Randomness(test)
            let first = UInt64(random.below(1_000_000))
            return (first..<first + UInt64(count)).map { RandomSchema(seed: $0) }
        }

        /// A database with the schemas, which goes at the end.
        private func withDatabase(
            on cluster: ThrowAwayCluster, _ schemas: [RandomSchema] = [],
            _ body: (DatabaseAccess) throws -> Void
        ) throws {
            let name = "c" + UUID().uuidString.lowercased().replacing("-", with: "")
            let server = try PostgresConnection(cluster.access(), applicationName: "test")
            try server.execute("create database \(name)")
            defer {
                #expect(throws: Never.self) { try server.execute("drop database \(name) with (force)") }
            }
            let access = cluster.access(database: name)
            let connection = try PostgresConnection(access, applicationName: "test")
            for schema in schemas {
                try connection.execute(
                    schema.statements.joined(separator: ";\n"), doing: "make \(schema.name)")
            }
            try body(access)
        }

        /// The objects of all schemas, by schema.
        static func catalog(_ access: DatabaseAccess, _ schemas: [RandomSchema]) throws -> [String:
            [CatalogObject]]
        {
            let connection = try PostgresConnection(access, applicationName: "test", settings: .reading)
            let found = try connection.objects(
                ofTables: schemas.flatMap(\.tables), inSchemas: schemas.map(\.name))
            return Dictionary(grouping: found) { $0.table.schema.text }
        }

        private func differences(
            _ schema: RandomSchema, _ origin: [String: [CatalogObject]],
            _ destination: [String: [CatalogObject]]
        ) -> [CatalogComparison.Difference] {
            CatalogComparison(
                origin: (origin[schema.name] ?? []).withoutCopies,
                destination: (destination[schema.name] ?? []).withoutCopies
            ).differences
        }

        /// Copies the schemas with the programs of a version.
        private func copy(_ from: DatabaseAccess, to: DatabaseAccess, major: Int) throws {
            func place(_ access: DatabaseAccess) -> String {
                let parameters = access.parameters
                return "'host=\(parameters.host) port=\(parameters.port) dbname=\(parameters.database) "
                    + "user=\(parameters.user)'"
            }
            let programs = try ServerPrograms(major: major).directory
            let said = NSTemporaryDirectory() + "copy-\(UUID().uuidString).out"
            // The dump of a later server sets a parameter that an earlier one lacks.
            let status = try SpawnedProgram(
                [
                    "bash", "-c",
                    "set -o pipefail; \(programs)/pg_dump -s -d \(place(from)) "
                        + "| grep -v '^SET transaction_timeout' "
                        + "| \(programs)/psql -X -q -v ON_ERROR_STOP=1 -d \(place(to))",
                ], in: NSTemporaryDirectory(), output: said
            ).wait()
            let output = (try? String(contentsOfFile: said, encoding: .utf8)) ?? ""
            try? FileManager.default.removeItem(atPath: said)
            try #require(status == 0, "\(output)")
        }

        /// Fills the materialized views that are filled on the other side: a dump of the schema leaves them
        /// empty.
        private func fillViews(_ from: DatabaseAccess, _ to: DatabaseAccess) throws {
            let filled = try PostgresConnection(from, applicationName: "test").query(
                "select string_agg(format('refresh materialized view %I.%I', schemaname, matviewname), '; ') "
                    + "from pg_matviews where ispopulated"
            ).scalar
            try PostgresConnection(to, applicationName: "test").execute(filled ?? "")
        }

        private func compare(
            _ schemas: [RandomSchema], _ source: ThrowAwayCluster, _ target: ThrowAwayCluster,
            isSameRelease: Bool
        ) throws {
            try withDatabase(on: source, schemas) { from in
                try withDatabase(on: target) { to in
                    let major = try PostgresConnection(from, applicationName: "test").serverVersion / 10_000
                    try copy(from, to: to, major: major)
                    try fillViews(from, to)
                    let origin = try Self.catalog(from, schemas)
                    let copied = try Self.catalog(to, schemas)
                    #expect(origin.values.map(\.count).reduce(0, +) > 20 * schemas.count)
                    // What servers of two releases print in other words is there before any change.
                    var other: [String: [CatalogComparison.Difference]] = [:]
                    for schema in schemas {
                        let found = differences(schema, origin, copied)
                        other[schema.name] = found.filter { !isSameRelease && $0.maySayTheSame }
                        let wrong = found.filter { isSameRelease || !$0.maySayTheSame }
                        #expect(wrong.map { $0.words(.forward) } == [], "\(schema.name)")
                    }
                    var random = Randomness(seed: 1)
                    let changes = schemas.map {
                        RandomCatalogChange(
                            $0, copied[$0.name] ?? [], isSameRelease: isSameRelease, using: &random)
                    }
                    let target = try PostgresConnection(to, applicationName: "test")
                    for change in changes { try target.execute(change.sql) }
                    let changed = try Self.catalog(to, schemas)
                    var remedies: [String] = []
                    for (schema, change) in zip(schemas, changes) {
                        let found = differences(schema, origin, changed).filter {
                            !(other[schema.name] ?? []).contains($0)
                        }
                        #expect(
                            RandomCatalogChange.words(found) == change.expected,
                            "\(schema.name): \(change.sql)")
                        // A view comes before what is on it.
                        remedies += found.sorted { $0.object.kind == .view && $1.object.kind != .view }
                            .map(\.remedy)
                    }
                    #expect(!remedies.contains(""))
                    for remedy in remedies { try target.execute(remedy) }
                    let mended = try Self.catalog(to, schemas)
                    for (schema, change) in zip(schemas, changes) {
                        #expect(
                            differences(schema, origin, mended).filter {
                                isSameRelease || !$0.maySayTheSame
                            }.map { $0.words(.forward) } == [], "\(schema.name): \(change.sql)")
                    }
                }
            }
        }

        @Test func `a hundred random schemas and their copies are equal, and one change is found and mended`()
            throws
        {
            try compare(
                Self.schemas(100, "random catalogs"), try Servers.cluster(.source),
                try Servers.cluster(.target),
                isSameRelease: true)
        }

        @Test(
            .enabled(if: hasAllVersions, "there are no servers of PostgreSQL 15, 17 and 18: make servers"),
            arguments: [(15, 17), (15, 18), (18, 15)])
        func `the same holds between servers of two releases`(source: Int, target: Int) throws {
            let clusters = try VersionTests.clusters.get()
            try compare(
                Self.schemas(34, "random catalogs of \(source) and \(target)"),
                try #require(clusters[source]),
                try #require(clusters[target]), isSameRelease: false)
        }
    }
}
