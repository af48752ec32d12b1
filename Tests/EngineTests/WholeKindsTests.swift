import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// One whole migration, there and back and verified each way, of kinds of objects that are rarely migrated together.
    @Suite(.serialized) struct WholeKindsTests {
        private static let tables = """
            create schema extensions;
            create extension ltree schema extensions; create extension citext schema extensions;
            create extension hstore schema extensions;
            create table node (id int primary key, path extensions.ltree not null, name extensions.citext, more extensions.hstore);
            create table sale (id int primary key, v text) partition by range (id);
            create table sale_1 partition of sale for values from (0) to (1000);
            create unlogged table sale_2 partition of sale for values from (1000) to (2000);
            create table note (id serial primary key, v text);
            """

        private static func rows(_ k: Int) -> String {
            """
            insert into node values (\(k), 'top.n\(k)', 'Näme \(k)', 'a=>\(k)'), (\(k + 100), 'top.m\(k)', null, null);
            insert into sale select g, 'é \(k)' from generate_series(\(k * 100), \(k * 100 + 20)) g;
            insert into sale values (1000 + \(k), 'unseen \(k)');
            insert into note (v) values ('naïve \(k)');
            """
        }

        private static func changes(_ k: Int) -> String {
            """
            update node set name = 'Renamed \(k)', more = extensions.hstore('b', 'ß') where id = \(k);
            update node set id = \(k) + 200, path = 'top.moved' where id = \(k + 100);
            update sale set v = 'changed' where id = \(k * 100); delete from sale where id = \(k * 100 + 1);
            update sale set v = 'unseen still' where id = 1000 + \(k);
            """
        }

        @Test func `kinds that are rarely migrated together go there and back, and are equal each time`()
            async throws
        {
            let latin = [Side.source: "encoding 'LATIN1' locale 'C' template template0"]
            try await withSite(Self.tables, options: latin) { site in
                try site.migration.update { $0.excludedTableGlobs = ["sale_2"] }
                try site.connect(.source).execute(Self.rows(1))
                try await site.goLive()
                for (direction, k) in [(Direction.forward, 2), (.reverse, 3)] {
                    let origin = try site.connect(direction.origin)
                    try origin.execute(Self.rows(k))
                    try origin.execute(Self.changes(k))
                    try site.cutover(to: direction.destination)
                    if direction == .forward {
                        try await site.awaitFallBack()
                    } else {
                        try await site.awaitPhase(.complete)
                    }
                    let destination = direction.destination
                    #expect(
                        try site.value(destination, "select path from node where id = 200 + \(k)")
                            == "top.moved")
                    #expect(
                        try site.value(destination, "select name || (more)::text from node where id = \(k)")
                            == "Renamed \(k)\"b\"=>\"ß\"")
                    #expect(
                        try site.value(destination, "select v from sale where id = \(k * 100)") == "changed")
                }
                // What was left out is where it was written.
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
