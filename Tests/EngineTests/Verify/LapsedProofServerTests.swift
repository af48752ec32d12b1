import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// DDL that changes proved rows and that the stream does not announce.
    @Suite(.serialized) struct LapsedProofServerTests {
        private static let tables = """
            create table item (id int primary key, v text, c int);
            create type mood as enum ('sad', 'glad');
            create table feeling (id int primary key, moods mood[]);
            create table part (id int primary key, v text) partition by range (id);
            create table part_1 partition of part for values from (0) to (100);
            create table part_2 partition of part for values from (100) to (200);
            """
        private static let rows = """
            insert into item select n, 'v' || n, n from generate_series(1, 50) n;
            insert into feeling values (1, '{sad}');
            insert into part select n, 'v' || n from generate_series(1, 150) n;
            """

        /// Each with the tables that may no longer count as proved.
        private static let statements: [(side: Side, sql: String, table: String)] = [
            (.source, "alter table item alter c type int using c * 100", "item"),
            (.source, "alter table item drop c; alter table item add c int default 7", "item"),
            (.target, "alter table item alter c type int using c * 100", "item"),
            (.source, "alter type mood rename value 'sad' to 'unhappy'", "feeling"),
            (.source, "drop table part_2", "part"),
            (.source, "alter table part detach partition part_2", "part"),
        ]

        @Test(arguments: statements.indices)
        func `the storage of a table is another one after DDL that changes its rows`(index: Int) async throws
        {
            let (side, sql, table) = Self.statements[index]
            try await withSite(Self.tables) { site in
                try site.connect(.source).execute(Self.rows)
                try await site.goLive()
                #expect(try await site.verify().outcome == .equal)
                // As if the DDL came between the last check of the catalog and the fence.
                try await site.stopWorker()
                let leg = try #require(try site.migration.record().currentLeg)
                let context = try site.context()
                for side in Side.allCases {
                    for harmless in ["vacuum item", "analyze", "update item set v = 'w' where id = 1"] {
                        try site.connect(side).execute(harmless)
                    }
                    #expect(try RowProof.changed(on: side, leg: leg, context) == [])
                }
                try site.connect(side).execute(sql)
                #expect(
                    try RowProof.changed(on: side, leg: leg, context)
                        == [QualifiedName(schema: "public", name: Identifier(table))])
            }
        }

        @Test(arguments: [0, 1])
        func `a cutover finds what DDL has changed since the proof`(index: Int) async throws {
            try await withSite(Self.tables) { site in
                try site.connect(.source).execute(Self.rows)
                try await site.goLive()
                #expect(try await site.verify().outcome == .equal)
                try site.connect(.source).execute(Self.statements[index].sql)
                try site.cutover(to: .target, waiving: Site.equality)
                try await eventually("the cutover is over", within: 60) {
                    try site.migration.record().openCutover == nil
                }
                let reason = try site.migration.record().cutovers.last?.abortReason ?? ""
                #expect(reason.contains("public.item (50 rows on both, values differ)"), "\(reason)")
            }
        }
    }
}
