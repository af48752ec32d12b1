import Demo
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites.RandomCatalogTests {
    private static func shown(_ object: CatalogObject) -> String {
        "\(object.words): \(object.definition), \(object.statement)"
    }

    /// Turns off what fires in each schema, as the tables' owner, and brings it back.
    private func suspend(_ schemas: [RandomSchema], on own: [Side: ThrowAwayCluster] = [:]) async throws {
        try await withSite("", on: own) { site in
            let role = "owner_" + site.name.suffix(12)
            try site.connect(.target).execute(
                "create role \(role) login; grant create on database \(site.name) to \(role)")
            site.targetUser = role
            try site.keepForms()
            let owner = try PostgresConnection(
                try site.access(.target), applicationName: "test", settings: .reading)
            for schema in schemas { try owner.execute(schema.statements.joined(separator: ";\n")) }
            let uuid = try site.migration.record().uuid
            let leg = Leg(number: 1, direction: .forward, start: .snapshot, uuid: uuid)
            let context = RoleContext(
                journal: site.migration.journal, exportDirectory: site.directory,
                options: RunOptions(source: try site.access(.source), target: try site.access(.target)),
                stop: StopSignal(), announce: { _ in })
            let destination = try context.destination(of: leg)
            let session = destination.gates(as: "test")
            var suspended = 0
            for schema in schemas {
                try site.migration.update {
                    try $0.begin(in: .streaming)
                    ($0.legs, $0.changes, $0.forms.schemas) = ([leg], [], [schema.name])
                }
                func catalog() throws -> Set<CatalogObject> {
                    Set(try owner.objects(ofTables: schema.tables, inSchemas: [schema.name]))
                }
                func judged() throws -> Set<CatalogObject> {
                    Set(try session.catalog(ofTables: schema.tables) { _ in [] }.objects)
                }
                let before = try catalog()
                let expected = Set(Array(before).withoutCopies)
                let place = Comment(rawValue: schema.name)
                guard case .done = try destination.suspendEffects(on: schema.tables) else {
                    Issue.record("a lock is in the way in \(schema.name)")
                    continue
                }
                suspended += try site.migration.record().changes.count
                #expect(try owner.firingObjects(on: schema.tables, without: "none") == [], place)
                try owner.execute("begin")
                #expect(try owner.foreignKeys(of: schema.tables) == [], place)
                try owner.execute("commit")
                let wrong = try judged().symmetricDifference(expected).map(Self.shown).sorted()
                #expect(wrong == [], place)
                guard case .done = try destination.restoreEffects() else {
                    Issue.record("a lock is in the way in \(schema.name)")
                    continue
                }
                let enforced = try judged().symmetricDifference(expected).map(Self.shown).sorted()
                #expect(enforced == [], place)
                try context.side(.target).finishForeignKeys(line: { _ in }, meanwhile: {})
                let after = try catalog().symmetricDifference(before).map(Self.shown).sorted()
                #expect(after == [], place)
                #expect(try site.migration.record().changes.allSatisfy { $0.undoneAt != nil }, place)
            }
            #expect(suspended > 3 * schemas.count)
        }
    }

    @Test
    func `what the owner of a hundred random schemas turns off comes back, and counts as it was meanwhile`()
        async throws
    {
        try await suspend(Self.schemas(100, "random suspensions"))
    }

    @Test(.enabled(if: hasAllVersions, "there are no servers of PostgreSQL 15, 17 and 18: make servers"))
    func `the same holds on a server of version 18`() async throws {
        let cluster = try #require(try ServerSuites.VersionTests.clusters.get()[18])
        try await suspend(Self.schemas(34, "random suspensions on 18"), on: [.target: cluster])
    }
}
