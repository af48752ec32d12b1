import Demo
import Foundation
import Journal
import Postgres
import Records
import Schema
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// The objects that are not carried, on real servers: named before the start, in the log and in the
    /// report.
    @Suite(.serialized) struct NotCarriedServerTests {
        private static let role = "kinds_\(UUID().uuidString.prefix(8).lowercased())"

        private static let tables = """
            create schema a; create schema b;
            create type b.mood as enum ('calm'); create function b.one() returns int language sql as \
            'select 1';
            create table b.outside (id int primary key); create table b.refers (id int);
            create table a.item (id int primary key references b.outside, m b.mood, n int default b.one(), \
            o oid);
            alter table b.refers add foreign key (id) references a.item;
            create table a.parent (id int primary key); create table b.heir (primary key (id)) inherits \
            (a.parent);
            create table a.apart (id int primary key) partition by range (id);
            create table b.apart_1 partition of a.apart for values from (0) to (10);
            create unlogged table a.apart_2 partition of a.apart for values from (10) to (20);
            create table a.left_out (id int primary key);
            create view b.shown as select * from a.item;
            create materialized view a.made as select 1 as n;
            """

        /// Objects of the source only.
        private static let more = """
            create unlogged table a.fast (id int); insert into a.fast values (1);
            grant select on a.item to \(role); grant usage on schema a to \(role);
            alter default privileges in schema a grant select on tables to \(role);
            create function a.secret(x int) returns int language sql as 'select 1'; revoke execute on \
            function a.secret from public;
            create table a.foreign_owner (id int primary key); alter table a.foreign_owner owner to \(role);
            create publication kinds for table a.item; select lo_from_bytea(0, 'x');
            create function a.watch() returns event_trigger language plpgsql as 'begin end';
            create event trigger watch on ddl_command_start execute function a.watch(); alter event trigger \
            watch disable;
            create foreign data wrapper w; create server away foreign data wrapper w;
            create user mapping for \(role) server away; create foreign table a.far (id int) server away;
            """

        private static let kinds: [UncarriedObject.Kind] = [
            .unloggedTable, .leftOutPartition, .leftOutTable, .foreignTable, .largeObject, .largeObjectColumn,
            .materializedView, .foreignKeyTo, .foreignKeyFrom, .inheritingTable, .partitionOutside,
            .viewOutside,
            .typeOutside, .functionOutside, .grant, .defaultPrivilege, .owner, .publication, .eventTrigger,
            .foreignServer, .foreignDataWrapper, .userMapping, .setting,
        ]

        @Test func `what is not carried is named by the check, once in the log, and in the report`()
            async throws
        {
            try await withSite(Self.tables, schemas: ["a", "public"]) { site in
                let source = try site.connect(.source)
                try source.execute("create role \(Self.role)")
                try source.execute(Self.more)
                try source.execute("alter role \(Self.role) in database \(site.name) set work_mem = '8MB'")
                try site.connect(.target).execute("create table a.foreign_owner (id int primary key)")
                try site.migration.update { $0.excludedTableGlobs = ["a.apart_2", "a.left_out"] }
                let context = RoleContext(
                    journal: site.migration.journal, exportDirectory: site.directory,
                    options: RunOptions(source: try site.access(.source)), stop: StopSignal(),
                    announce: { _ in })
                let checks = try DatabaseChecks.run(.source, context, forFallBack: false)
                let titles = Self.kinds.map { "not carried: \($0.title)" }
                #expect(checks.filter { $0.name.hasPrefix("not carried") }.map(\.name) == titles)
                #expect(
                    checks.allSatisfy { $0.state != .failure }, "\(checks.filter { $0.state == .failure })")
                let exported = try await runRequest(
                    .exportSchema(startClean: false), migration: site.migration,
                    options: RunOptions(source: try site.access(.source)), line: { _ in })
                try await site.goLive()
                let found = try site.migration.notCarried()
                #expect(found.map(\.kind) == Self.kinds)
                let logged = try site.migration.events(after: 0, limit: 1000).map(\.message).filter {
                    $0.hasPrefix("not carried")
                }
                #expect(logged == found.map(\.line))
                #expect(found[0].list == "a.fast (has rows)")
                #expect(found[1].names == ["a.apart_2"] && found[2].names == ["a.left_out"])
                #expect(
                    found.first { $0.kind == .grant }?.names
                        == ["a.far", "a.item", "function a.secret(x integer)", "schema a"])
                #expect(exported.lines.filter { $0.hasPrefix("not carried") } == found.map(\.line))
                try await site.end()
                let end = try #require(try site.migration.newestRecord(titled: "end migration"))
                #expect(end.lines.filter { $0.hasPrefix("not carried") } == found.map(\.line))
                try source.execute("drop owned by \(Self.role); drop role \(Self.role)")
            }
        }

        @Test func `rows that row-level security hides from the role are reported before anything is copied`()
            async throws
        {
            try await withSite(
                "create table seen (id int primary key); alter table seen enable row level security;"
            ) { site in
                try site.connect(.source).execute(
                    "create role \(Self.role)_reader login replication; "
                        + "grant create on database \(site.name) to \(Self.role)_reader; "
                        + "grant select on all tables in schema public to \(Self.role)_reader; "
                        + "create policy few on seen using (id < 10); insert into seen select "
                        + "generate_series(1, 20); "
                )
                site.sourceUser = "\(Self.role)_reader"
                try site.keepForms()
                let source = try PostgresConnection(try site.access(.source), applicationName: "test")
                let filtered = try FilteredTables(source, try source.tables(inSchemas: ["public"]))
                #expect(filtered.names == [QualifiedName(schema: "public", name: "seen")])
                let refusal = try #require(filtered.error(on: .source))
                #expect("\(refusal)".contains("public.seen") && "\(refusal)".contains("bypassrls"))
                try site.connect(.source).execute(
                    "drop owned by \(Self.role)_reader; drop role \(Self.role)_reader")
            }
        }
    }
}
