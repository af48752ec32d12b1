import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// A whole migration to the target and back, verified both times. Its kinds of objects are rarely
    /// migrated together.
    @Suite(.serialized) struct WholeKindsTests {
        private static let tables = """
            create schema extensions;
            create extension ltree schema extensions; create extension citext schema extensions;
            create extension hstore schema extensions;
            create type grade as enum ('low', 'high'); create domain strict_grade as grade check (value is \
            not null);
            create table node (path extensions.ltree primary key, name extensions.citext, more \
            extensions.hstore);
            create table named (name extensions.citext primary key, v text);
            create table graded (k strict_grade primary key, v text);
            create table loose (a int, v text); alter table loose replica identity full;
            create table ahead (id int, day date, primary key (id, day)) partition by range (day);
            create table sale (id int primary key, v text) partition by range (id);
            create table sale_1 partition of sale for values from (0) to (1000);
            create unlogged table sale_2 partition of sale for values from (1000) to (2000);
            create table note (id serial primary key, v text);
            create table "order lines" (id int primary key, v text); create table order_lines (id int \
            primary key, v text);
            create table "order.lines" (id int primary key, v text);
            create table ddl_log (id bigserial primary key, tag text not null);
            create function log_ddl() returns event_trigger language plpgsql as
                'begin insert into public.ddl_log (tag) values (tg_tag); end';
            create event trigger log_ddl on ddl_command_end execute function log_ddl();
            """

        private static let path = "set search_path = public, extensions;"

        private static func rows(_ k: Int) -> String {
            """
            insert into node values ('top.n\(k)', 'Näme \(k)', 'a=>\(k)'), ('top.m\(k)', null, null);
            insert into named values ('Key \(k)', 'é'), ('Gone \(k)', 'gone'); insert into loose values (\(k), 'é'), (\(k), 'stays');
            insert into sale select g, 'é \(k)' from generate_series(\(k * 100), \(k * 100 + 20)) g;
            insert into sale values (1000 + \(k), 'unseen \(k)'); insert into note (v) values ('naïve \(k)');
            insert into "order lines" values (\(k), 'a blank'); insert into order_lines values (\(k), 'a line');
            insert into "order.lines" values (\(k), 'a point');
            """
        }

        private static func changes(_ k: Int) -> String {
            """
            update node set name = 'Renamed \(k)', more = hstore('b', 'ß') where path = 'top.n\(k)';
            update node set path = 'top.moved\(k)' where path = 'top.m\(k)';
            update named set v = 'changed' where name = 'KEY \(k)'; delete from named where name = 'gone \(k)';
            update graded set v = 'changed \(k)' where k::grade = 'low';
            update loose set v = 'changed' where a = \(k) and v = 'é';
            update sale set v = 'changed' where id = \(k * 100); delete from sale where id = \(k * 100 + 1);
            update sale set v = 'unseen still' where id = 1000 + \(k);
            update "order.lines" set v = 'changed' where id = \(k); create temp table scratch (n int);
            """
        }

        /// The values that a reader sees of the rows of one turn.
        private static func seen(_ k: Int) -> String {
            """
            select concat_ws(' ', (select name || ' ' || (more -> 'b') from node where path = 'top.n\(k)'),
                (select count(*) from node where path = 'top.moved\(k)'), (select v from named where name = 'key \(k)'),
                (select v from graded where k::grade = 'low'), (select string_agg(v, ',' order by v) from loose where a = \(k)),
                (select v from sale where id = \(k * 100)), (select v from "order.lines" where id = \(k)),
                (select count(*) from ddl_log))
            """
        }

        @Test func `kinds that are rarely migrated together go there and back, and are equal each time`()
            async throws
        {
            let latin = [Side.source: "encoding 'LATIN1' locale 'C' template template0"]
            try await withSite(Self.tables, options: latin) { site in
                try site.migration.update { $0.excludedTableGlobs = ["sale_2"] }
                try site.connect(.source).execute(
                    Self.path + "insert into graded values ('low', 'l'), ('high', 'h');" + Self.rows(1))
                try await site.goLive()
                for (direction, k) in [(Direction.forward, 2), (.reverse, 3)] {
                    let origin = try site.connect(direction.origin)
                    try origin.execute(Self.path + Self.rows(k))
                    try origin.execute(Self.changes(k))
                    try site.cutover(to: direction.destination)
                    if direction == .forward {
                        try await site.awaitFallBack()
                    } else {
                        try await site.awaitPhase(.complete)
                    }
                    let destination = try site.connect(direction.destination)
                    try destination.execute(Self.path)
                    #expect(
                        try destination.query(Self.seen(k)).scalar
                            == "Renamed \(k) ß 1 changed changed \(k) changed,stays changed changed \(k - 1)")
                }
                // Excluded rows stay on the side where they were written.
                let unseen = "select string_agg(v, ',' order by id) from sale_2"
                #expect(try site.value(.source, unseen) == "unseen 1,unseen still")
                #expect(try site.value(.target, unseen) == "unseen still")
                #expect(try site.value(.source, "select count(*) from sale_1") == "61")
                #expect(
                    try site.value(.source, "insert into note (v) values ('next') returning id > 3") == "t")
                try await site.end()
            }
        }
    }
}
