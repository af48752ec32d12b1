import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Schema

/// Schemas whose objects need each other in ways that the kinds of objects do not show.
@Suite(.serialized) struct ImportFaultTests {
    /// Exports the schema of this SQL, imports it into another database in both passes, and returns the value
    /// of a query there.
    private func imported(_ sql: String, then query: String) throws -> String {
        var found: String?
        try withCluster { cluster in
            try withExportDirectory { files in
                for database in ["a", "b"] { try cluster.run("create database \(database)", in: "postgres") }
                try cluster.run(sql, in: "a")
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: ["public"], files: files,
                    startClean: false
                ) { _ in }
                for pass in [false, true] {
                    let result = try importSchema(
                        access: cluster.access(database: "b"), files: files,
                        options: SchemaImportOptions(postSnapshotImport: pass)
                    ) { _ in }
                    #expect(result.failures.isEmpty)
                }
                found = try cluster.value(query, in: "b")
            }
        }
        return try #require(found)
    }

    @Test func `a server says which version it is and what it offers`() throws {
        try withCluster { cluster in
            let target = try AnalysisTarget(asking: cluster.access(database: "postgres"))
            #expect((Int(target.version) ?? 0) >= 14)
            #expect(target.product == "PostgreSQL")
            let offers = try #require(target.offers)
            #expect(offers.extensions.contains("plpgsql"))
            #expect(offers.accessMethods.isSuperset(of: ["heap", "btree", "gin"]))
            #expect(offers.compressions.contains("pglz"))
        }
    }

    @Test func `what pg_dump writes of an ordinary schema has no false finding`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try cluster.run("create database a", in: "postgres")
                try cluster.run(richSchema, in: "a")
                let access = cluster.access(database: "a")
                try exportSchema(access: access, schemas: [], files: files, startClean: false) { _ in }
                let found = { (target: AnalysisTarget) in
                    try analyzeSchema(files: files, target: target).issues
                        .filter { $0.severity != .info }.map { "\($0.rule) \($0.object)" }
                }
                let keyless = "NO_PRIMARY_KEY Back Office.user"
                #expect(try found(AnalysisTarget(asking: access)) == [keyless])
                #expect(
                    try found(.latestYugabyteDB) == [
                        keyless, "ALTER_TABLE_CLUSTER_ON shop.item", "LISTEN_NOTIFY no_delete ON shop.log",
                    ])
            }
        }
    }

    @Test func `a text search dictionary that exists is passed over`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                for database in ["a", "b"] {
                    try cluster.run("create database \(database)", in: "postgres")
                    try cluster.run(
                        "create text search dictionary d (template = simple); "
                            + "create text search configuration c (copy = simple)", in: database)
                }
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: ["public"], files: files,
                    startClean: false
                ) { _ in }
                let result = try importSchema(
                    access: cluster.access(database: "b"), files: files,
                    options: SchemaImportOptions(ignoreExist: true)
                ) { _ in }
                #expect(result.failures.isEmpty && result.existed >= 2)
            }
        }
    }

    @Test func `a function on a base type is created once the type is whole`() throws {
        let sql = """
            create type b;
            create function b_in(cstring) returns b language internal immutable strict as 'textin';
            create function b_out(b) returns cstring language internal immutable strict as 'textout';
            create type b (input = b_in, output = b_out, like = text);
            create function f() returns b language sql immutable as $$select 'x'::b$$;
            """
        #expect(try imported(sql, then: "select public.f()::text") == "x")
    }

    @Test func `a default that needs a cast finds it, though pg_dump writes no casts of listed schemas`()
        throws
    {
        let sql = """
            create type k as enum ('one', 'two');
            create function to_k(n int) returns k language sql immutable as $$select 'one'::public.k$$;
            create cast (int as k) with function to_k(int) as implicit;
            create table t (id int primary key, v k default 1);
            create view v as select id from t;
            """
        #expect(try imported(sql, then: "insert into public.t values (1) returning v") == "one")
    }
}

/// Files with statements that belong together.
@Suite struct ObjectsOfFileTests {
    @Test func `a table's access method is set in the transaction that creates it`() throws {
        let text = """
            -- Name: t; Type: TABLE; Schema: s; Owner: -

            SET LOCAL default_table_access_method = other;

            CREATE TABLE s.t (
                a integer
            );

            ALTER TABLE s.t REPLICA IDENTITY FULL;
            """
        let script = try SchemaScript(text: text, file: "f", type: .table)
        #expect(script.objects.map(\.statements.count) == [3])
    }
}
