import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Partitioned tables of a fall-back from the stand-in, whose publication lists the partitions.
    @Suite(.serialized) struct YugabytePartitionTests {
        /// A partition has its columns in another order, and one is itself partitioned.
        private static let tables = """
            create table item (id int primary key, v text);
            create table part (id int, half int, v text, primary key (id, half)) partition by list (half);
            create table part_one partition of part for values in (1);
            create table part_two (v text, half int not null, id int not null, primary key (id, half));
            alter table part attach partition part_two for values in (2);
            create table part_more partition of part for values in (3, 4) partition by list (half);
            create table part_three partition of part_more for values in (3);
            create table part_four partition of part_more for values in (4);
            """

        @Test(arguments: ApplyMode.both)
        func `changes of partitions stream back as those of the root, in their order`(mode: ApplyMode)
            async throws
        {
            try await withYugabyteSite(Self.tables) { site in
                try site.connect(.source).execute(
                    "insert into part select g, 1 + g % 4, 'copied' from generate_series(1, 200) g")
                try await site.goLive(.reverse, mode)
                let leg = try #require(try site.migration.record().currentLeg)
                #expect(
                    try site.value(
                        .target,
                        "select string_agg(c.relname, ' ' order by c.relname) from pg_publication_rel r join "
                            + "pg_class c on c.oid = prrelid join pg_publication p on p.oid = prpubid "
                            + "where pubname = '\(leg.publicationName)' and not pubviaroot")
                        == "item marker part_four part_one part_three part_two switchback_barriers")
                let target = try site.connect(.target)
                try target.execute(
                    "insert into part select g, 1 + g % 4, 'back' from generate_series(201, 300) g;"
                        + "update part set v = v || '!' where id < 50;"
                        + "delete from part where id between 60 and 80;"
                        + "update part set half = 1 + half % 4 where id < 120")
                // Rows that move through all partitions, each in a transaction of its own.
                for _ in 0..<8 {
                    try target.execute("update part set half = 1 + half % 4, v = v || half where id < 40")
                }
                try target.execute(
                    "begin; update part set half = 4 where id = 1; update part set half = 3 where id = 1; "
                        + "delete from part where id = 1; insert into part values (1, 2, 'again'); commit")
                #expect(try await site.differences(.reverse) == [])
                #expect(try site.value(.source, "select count(*) from part where half = 3") != "0")
                // YugabyteDB sends no truncate; what the stand-in sends is applied.
                try target.execute("truncate part; insert into part values (7, 3, 'after')")
                #expect(try await site.differences(.reverse) == [])
                let trouble = try site.trouble()
                #expect(trouble == "")
            }
        }

        @Test func `a partition that is made during the fall-back sets its table aside, and no other`()
            async throws
        {
            try await withYugabyteSite(Self.tables) { site in
                try await site.goLive(.reverse)
                try site.connect(.target).execute(
                    "create table part_five partition of part for values in (5);"
                        + "insert into part values (1, 5, 'not published');"
                        + "insert into item values (1, 'back')")
                try await eventually("the table is set aside") {
                    try site.migration.record().setAsideTable("public.part") != nil
                }
                let aside = try #require(try site.migration.record().setAsideTable("public.part"))
                #expect(aside.reason.contains("does not publish all changes of the table and its partitions"))
                try await eventually("another table continues") {
                    try site.value(.source, "select count(*) from item") == "1"
                }
                #expect(try site.migration.record().setAsideTable("public.item") == nil)
            }
        }

        @Test func `a partition whose updates would fail is refused before anything is made`() async throws {
            try await withYugabyteSite(Self.tables) { site in
                try site.connect(.target).execute("alter table part_two replica identity nothing")
                try await site.goLive()
                let reason = try await site.refusedCutover(to: .target)
                #expect(
                    reason.contains("public.part_two") && reason.contains("replica identity"), "\(reason)")
                #expect(try site.value(.target, "select count(*) from pg_publication") == "0")
                #expect(try site.value(.target, "select count(*) from pg_replication_slots") == "0")
            }
        }
    }
}
