import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The identity of rows on either side: the server's own rules, and what we require before a table is
    /// published.
    @Suite(.serialized) struct IdentityTests {
        @Test func `exactly those tables are refused whose updates the server would refuse`()
            async throws
        {
            let tables = """
                create table plain (id int primary key, v int);
                create table included (id int, v int, primary key (id) include (v));
                create table keyless (v int);
                create table whole (v int); alter table whole replica identity full;
                create table late (id int primary key deferrable, v int);
                create table chosen (id int not null, v int); create unique index chosen_key on chosen (id);
                alter table chosen replica identity using index chosen_key;
                create table silent (id int primary key, v int); alter table silent replica identity nothing;
                create table parted (id int primary key, v int) partition by list (id);
                create table parted_1 partition of parted for values in (1);
                create table bare (id int, v int) partition by list (id);
                create table bare_1 partition of bare for values in (1); alter table bare replica identity \
                full;
                create table mixed (id int primary key, v int) partition by list (id);
                create table mixed_1 partition of mixed for values in (1); alter table mixed_1 replica \
                identity nothing;
                """
            try await withSite(tables) { site in
                let source = try site.connect(.source)
                let names = [
                    "plain", "included", "keyless", "whole", "late", "chosen", "silent", "parted", "bare",
                    "mixed",
                ]
                let found = try source.identities(of: names.map { QualifiedName(schema: "public", name: $0) })
                #expect(found.count == names.count)
                var refused: Set<String> = []
                for table in found where !table.lacks.isEmpty { refused.insert(table.table.name.name.text) }
                for name in names {
                    // Within a transaction that is rolled back.
                    try source.execute(
                        "begin; create publication p for table \(name) with "
                            + "(publish_via_partition_root = true)"
                    )
                    if name == "keyless" || name == "whole" {
                        try source.execute("insert into \(name) values (1)")
                    } else {
                        try source.execute("insert into \(name) values (1, 1)")
                    }
                    var isRefused = false
                    do { try source.execute("update \(name) set v = 2") } catch let error as PostgresError {
                        #expect(error.sqlState == "55000", "\(name): \(error)")
                        isRefused = true
                    }
                    try source.execute("rollback")
                    #expect(isRefused == refused.contains(name), "\(name)")
                }
                #expect(refused == ["keyless", "late", "silent", "bare", "mixed"])
                // The remedies mend it.
                for lack in found.flatMap(\.lacks) { try source.execute(lack.remedy) }
                let mended = try source.identities(
                    of: names.map { QualifiedName(schema: "public", name: $0) })
                #expect(mended.flatMap(\.lacks) == [])
            }
        }

        @Test func `a key with a generated column is refused, because the stream does not carry it`()
            async throws
        {
            let tables = """
                create table doc (tenant int, body jsonb, id text generated always as (body ->> 'id') stored,
                    primary key (tenant, id));
                """
            try await withSite(tables) { site in
                let name = QualifiedName(schema: "public", name: "doc")
                let lack = try #require(
                    try site.connect(.source).identities(of: [name]).flatMap(\.lacks).first)
                #expect(lack.name == name && lack.found.contains("generated"))
                // Whole rows identify them.
                for side in Side.allCases { try site.connect(side).execute(lack.remedy) }
                try await site.goLive()
                try site.connect(.source).execute(
                    """
                    begin; insert into doc values (1, '{"id": "a"}'); insert into doc values (1, '{"id": \
                    "b"}'); commit;
                    update doc set body = body || '{"v": 1}' where id = 'b'; delete from doc where id = 'a'
                    """)
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select string_agg(id, ',') from doc") == "b")
            }
        }

        @Test
        func
            `a cutover to a target whose tables have no identity is aborted, and the application's updates continue`()
            async throws
        {
            try await withSite("create table t (id int primary key, v text); insert into t values (1, 'a')") {
                site in
                try site.connect(.target).execute("truncate t; alter table t drop constraint t_pkey")
                try await site.goLive()
                let reason = try await site.refusalOfCutover(to: .target, waiving: Site.equality)
                #expect(reason.contains("public.t on the target"))
                #expect(reason.contains("alter table \"public\".\"t\" replica identity full"))
                #expect(try site.value(.target, "select count(*) from pg_publication") == "0")
                try site.connect(.source).execute("update t set v = 'b'")
                #expect(try await site.differences() == [])
                try site.connect(.target).execute("alter table t replica identity full")
                try await site.readGates()
                try site.cutover(to: .target, waiving: Site.equality)
                try await site.awaitPhase(.fallBack)
                try site.connect(.target).execute("update t set v = 'c'")
                #expect(try await site.differences(.reverse) == [])
            }
        }

        @Test func `a key that finds two rows does not make up for one that finds none`() async throws {
            try await withSite("create table t (id int primary key, v text)") { site in
                try site.connect(.source).execute(
                    "insert into t select i, 'old' from generate_series(1, 4) i")
                // The destination has never had this key, so it is no schema change.
                try site.connect(.target).execute("alter table t drop constraint t_pkey")
                try await site.goLive()
                for statement in [
                    "update t set v = 'new' where id in (1, 2)", "delete from t where id in (3, 4)",
                ] {
                    let ids = statement.hasPrefix("update") ? (1, 2) : (3, 4)
                    try site.connect(.target).execute(
                        "insert into t values (\(ids.0), 'old'); delete from t where id = \(ids.1)")
                    let before = try site.migration.journal.incidentCounts().reduce(0) { $0 + $1.count }
                    try site.connect(.source).execute(statement)
                    try await eventually("an incident", within: 30) {
                        try site.migration.journal.incidentCounts().reduce(0) { $0 + $1.count } > before
                    }
                    #expect(
                        try site.value(.target, "select count(*) from t where v = 'new' and id = 1")
                            == (before == 0 ? "0" : "1"))
                    // When it is mended, apply continues.
                    try site.connect(.target).execute(
                        "delete from t where ctid = (select max(ctid) from t where id = \(ids.0)); insert "
                            + "into t values (\(ids.1), 'old')"
                    )
                    _ = try site.migration.leave(.resume, by: "test")
                    #expect(try await site.differences() == [])
                }
            }
        }

        @Test func `a value that is too long for a domain of the destination is refused, and not truncated`()
            async throws
        {
            try await withSite("create domain short as text; create table t (id int primary key, v short)") {
                site in
                try site.connect(.target).execute(
                    "create domain five as varchar(5); alter table t alter v type five")
                try await site.goLive()
                try site.connect(.source).execute("insert into t values (1, 'fits')")
                try site.connect(.source).execute("insert into t values (2, 'too long')")
                try await eventually("an incident", within: 30) {
                    try site.migration.journal.incidentCounts().contains { $0.count > 0 }
                }
                #expect(try site.value(.target, "select string_agg(v, ',') from t") == "fits")
            }
        }

        @Test
        func `an identity column outside the key is applied, and columns of the destination alone stay`()
            async throws
        {
            let tables = """
                create table t (id int primary key, n int generated always as identity, v text, big text);
                alter table t alter big set storage external;
                create table own (id int primary key, v text);
                """
            try await withSite(tables) { site in
                try site.connect(.source).execute(
                    """
                    insert into t (id, v, big) select i, 'v', repeat('b', 5000) from generate_series(1, 5) i;
                    insert into own select i, 'v' from generate_series(1, 5) i
                    """)
                try site.connect(.target).execute("alter table own add mine text default 'default'")
                try await site.goLive()
                try site.connect(.target).execute("update own set mine = 'kept ' || id")
                let source = try site.connect(.source)
                try source.execute(
                    "update t set n = default, big = 'small' where id = 1; update t set v = 'w' where id = 2")
                try source.execute(
                    "begin; update own set id = id + 10; update own set v = 'moved' where id = 12; commit")
                // The comparison reports the columns of the destination alone.
                let found = try await site.differences()
                #expect(found == ["public.own has 5 rows on both sides, but different ones"])
                #expect(
                    try site.value(.target, "select string_agg(own::text, ' ' order by id) from own")
                        == "(11,v,\"kept 1\") (12,moved,\"kept 2\") (13,v,\"kept 3\") (14,v,\"kept 4\") "
                        + "(15,v,\"kept 5\")"
                )
            }
        }

        @Test func `a role that sees nothing else of other sessions sees which of them write`() async throws {
            try await withSite("create table t (id int primary key)") { site in
                try site.connect(.source).execute(
                    "create role \(site.name) login; grant connect on database \(site.name) to \(site.name)")
                let access = DatabaseAccess(
                    parameters: ConnectionParameters(
                        host: "127.0.0.1", port: try site.cluster(.source).port, database: site.name,
                        user: site.name, sslMode: "disable"), password: nil)
                let observer = try PostgresConnection(access, applicationName: "switchback cutover")
                #expect(try observer.seesSessions() == false)
                #expect(try observer.openWriters().isEmpty)
                let writer = try site.connect(.source)
                try writer.execute("begin; insert into t values (1)")
                #expect(try observer.openWriters().map(\.processID) == ["\(writer.processID)"])
                // Its sessions are a superuser's: they are counted, and not signalled.
                #expect(try observer.disconnectSessions(before: secondsNow() + 60).superusers >= 1)
                #expect(try observer.sessionsOfOthers().superusers >= 1)
                let table = QualifiedName(schema: "public", name: "t")
                #expect(try observer.openWriters(of: [table]).map(\.tables) == ["public.t"])
                try writer.execute("commit; create table other (id int); begin; insert into other values (1)")
                #expect(try observer.openWriters().count == 1)
                #expect(try observer.openWriters(of: [table]).isEmpty)
                try writer.execute("commit")
                // A prepared transaction has no session, and holds its locks until it is ended.
                try writer.execute("begin; insert into t values (2); prepare transaction '\(site.name)'")
                #expect(
                    try observer.openWriters(of: [table]).map(\.application) == [
                        "prepared transaction \(site.name)"
                    ])
                #expect(try observer.lockHolders(of: [table]).map(\.processID) == ["0"])
                try writer.execute("rollback prepared '\(site.name)'")
                #expect(try observer.openWriters(of: [table]).isEmpty)
                #expect(try observer.openWriters().isEmpty)
                try site.connect(.source).execute("drop owned by \(site.name); drop role \(site.name)")
            }
        }
    }
}
