import Foundation
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The rights of a role, as `grant script` gives them and `check` finds them.
    @Suite(.serialized) struct GrantScriptServerTests {
        private static let tables = """
            create table item (id serial primary key, v text);
            create table part (id int primary key) partition by range (id);
            create table part_1 partition of part for values from (0) to (10);
            """

        private func checks(_ site: Site, _ side: Side) throws -> [CheckResult] {
            let context = RoleContext(
                journal: site.migration.journal, exportDirectory: site.directory,
                options: RunOptions(source: try site.access(.source), target: try site.access(.target)),
                stop: StopSignal(), announce: { _ in })
            return try context.side(side).checks(forFallBack: true)
        }

        private func failures(_ site: Site, _ side: Side) throws -> [String] {
            try checks(site, side).filter { $0.state == .failure }.map(\.name)
        }

        /// Creates a role without rights on both servers, and has the site use it.
        private func useRole(_ site: Site) throws -> String {
            let role = "mover_" + site.name.suffix(12)
            for side in Side.allCases { try site.connect(side).execute("create role \(role) login") }
            (site.sourceUser, site.targetUser) = (role, role)
            try site.keepForms()
            return role
        }

        private func drop(_ role: String, _ site: Site) throws {
            for side in Side.allCases {
                try site.connect(side).execute("drop owned by \(role); drop role \(role)")
            }
        }

        @Test func `the rights of the script are those that the checks want, on both sides`() async throws {
            try await withSite(Self.tables) { site in
                let role = try useRole(site)
                defer { #expect(throws: Never.self) { try drop(role, site) } }
                for side in Side.allCases {
                    let before = try failures(site, side)
                    #expect(before.contains("right to replicate"), "\(before)")
                    #expect(before.contains("right to create a publication"), "\(before)")
                    let script = GrantScript(
                        role: role, side: side, service: .postgresql, database: site.name,
                        schemas: ["public"])
                    // It may be run again.
                    for _ in 0..<2 { try site.connect(side).execute(script.text) }
                    #expect(try failures(site, side) == [], "\(side)")
                }
            }
        }

        @Test func `a missing right on a schema is one finding, and the other checks are made all the same`()
            async throws
        {
            try await withSite("create schema sales; create table sales.item (id int primary key)") { site in
                let role = try useRole(site)
                defer { #expect(throws: Never.self) { try drop(role, site) } }
                try site.migration.changeDatabases { $0.schemas = ["public", "sales"] }
                for side in Side.allCases {
                    let found = try checks(site, side)
                    let schema = try #require(found.first { $0.name == "right to use schema sales" })
                    #expect(schema.fix?.statements == ["grant usage on schema \"sales\" to \"\(role)\""])
                    #expect(found.contains { $0.name == "free replication slots" })
                    #expect(found.contains { $0.name == "right to see other sessions" })
                    let statement = try #require(schema.fix?.statements.first)
                    try site.connect(side).execute(statement)
                    #expect(try !checks(site, side).contains { $0.name == "right to use schema sales" })
                }
            }
        }

        @Test func `a fix is performed and taken back, and one that is refused says so`() async throws {
            try await withSite(Self.tables) { site in
                let source = try site.connect(.source)
                try source.execute("alter table item replica identity nothing")
                let name = "replica identity of public.item"
                var finding = try #require(try checks(site, .source).first { $0.name == name })
                let options = RunOptions(source: try site.access(.source), target: try site.access(.target))
                let done = try await site.migration.perform([finding], options: options, by: "test")
                #expect(done.map(\.failure) == [nil])
                #expect(try !failures(site, .source).contains(name))
                for statement in try #require(finding.fix?.undo) { try source.execute(statement) }
                #expect(
                    try source.query("select relreplident from pg_class where oid = 'item'::regclass").scalar
                        == "n")

                let role = try useRole(site)
                defer { #expect(throws: Never.self) { try drop(role, site) } }
                finding = try #require(try checks(site, .source).first { $0.name == "right to replicate" })
                let refused = try await site.migration.perform(
                    [finding],
                    options: RunOptions(source: try site.access(.source), target: try site.access(.target)),
                    by: "test")
                #expect(refused.first?.failure?.contains("42501") == true)
            }
        }
    }
}
