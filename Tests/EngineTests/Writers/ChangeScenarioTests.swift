import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Kinds of changes that are easily applied wrongly.
    @Suite(.serialized) struct ChangeScenarioTests {
        private static let table = "create table t (id int primary key, v text);"

        @Test(arguments: ApplyMode.both)
        func
            `unique values change hands under partial, expression, composite and NULLS NOT DISTINCT indexes, both ways`(
                mode: ApplyMode
            ) async throws
        {
            let tables = """
                create table u (id int primary key, partial int, word text, a int, b int, one int, big text,
                    unique (a, b), unique nulls not distinct (one));
                alter table u alter big set storage external;
                create unique index u_partial on u (partial) where partial > 10;
                create unique index u_word on u (lower(word));
                create table leaf (id int, part int, v int, primary key (id, part)) partition by list (part);
                create table leaf_1 partition of leaf for values in (1);
                create table leaf_2 partition of leaf for values in (2);
                create unique index leaf_1_v on leaf_1 (v);
                """
            try await withSite(tables) { site in
                try site.connect(.source).execute(
                    "insert into u select g, 10 + g, 'Word' || g, g, g % 3, g, repeat('b', 5000) from "
                        + "generate_series(1, 30) g; "
                        + "insert into leaf select g, 1 + g % 2, g from generate_series(1, 20) g")
                try await site.goLive(mode)
                for direction in [Direction.forward, .reverse] {
                    let origin = try site.connect(direction.origin)
                    if direction == .reverse {
                        try site.cutover(to: .target)
                        try await site.awaitPhase(.fallBack)
                    }
                    for k in 1...3 {
                        // A delete frees what an insert and an update take; values move in rings; one is NULL
                        // in all rows.
                        try origin.execute(
                            """
                            begin;
                            delete from u where id = \(k); insert into u values (100 + \(k), 10 + \(k), 'WORD\(k)', \(k), \(k) % 3, \(k), 'n');
                            update u set partial = 5 where id = 10; update u set partial = 20 where id = 11;
                            update u set partial = 21 where id = 10;
                            update u set word = 'free' where id = 12; update u set word = 'word12' where id \
                            = 13;
                            update u set word = 'word13' where id = 12;
                            update u set a = -1 where id = 14; update u set a = 14, b = 14 % 3 where id = 15;
                            update u set a = 15, b = 15 % 3 where id = 14;
                            update u set one = null where id = 16; update u set one = 16 where id = 17; \
                            update u set one = 17 where id = 16;
                            commit
                            """)
                        try origin.execute(
                            """
                            begin;
                            update u set partial = 5 where id = 11; update u set partial = 20 where id = 10;
                            update u set partial = 21 where id = 11;
                            update u set word = 'free' where id = 12; update u set word = 'word13' where id \
                            = 13;
                            update u set word = 'word12' where id = 12;
                            update u set a = -1 where id = 14; update u set a = 15, b = 15 % 3 where id = 15;
                            update u set a = 14, b = 14 % 3 where id = 14;
                            update u set one = null where id = 16; update u set one = 17 where id = 17; \
                            update u set one = 16 where id = 16;
                            update leaf set part = 3 - part where id = \(k);
                            commit
                            """)
                        try origin.execute(
                            "delete from u where id = 100 + \(k); insert into u (id, one) values (\(k), "
                                + "500 + \(k))"
                        )
                        try origin.execute(
                            "update u set partial = 10 + \(k), word = 'Word\(k)', a = \(k), b = \(k) % 3, "
                                + "one = \(k), big = repeat('c', 5000) where id = \(k)"
                        )
                    }
                    #expect(try await site.differences(direction) == [])
                }
            }
        }

        @Test(arguments: Direction.allCases)
        func `the deletes of a cascade come through the stream to a target without the foreign key`(
            direction: Direction
        ) async throws {
            let tables =
                "create table parent (id int primary key); create table child (id int primary key, "
                + "parent_id int);"
            try await withSite(tables) { site in
                try site.connect(direction.origin).execute(
                    "alter table child add foreign key (parent_id) references parent on delete cascade on "
                        + "update cascade"
                )
                try site.connect(.source).execute(
                    "insert into parent select generate_series(1, 10); "
                        + "insert into child select g, 1 + g % 10 from generate_series(1, 100) g")
                try await site.goLive(direction)
                try site.connect(direction.origin).execute(
                    "delete from parent where id = 3; update parent set id = 40 where id = 4")
                #expect(try await site.differences(direction) == [])
                #expect(
                    try site.value(
                        direction.destination, "select count(*) from child where parent_id in (3, 4)") == "0")
                #expect(try site.value(direction.destination, "select count(*) from child") == "90")
            }
        }

        @Test(arguments: ApplyMode.both)
        func `large values that did not change stay, also in arrays and when the key moves`(mode: ApplyMode)
            async throws
        {
            let tables = """
                create table plain (id int primary key, words text[], body text, v int);
                alter table plain alter words set storage external, alter body set storage external;
                create table whole (id int primary key, words text[], body text, v int);
                alter table whole alter words set storage external, alter body set storage external;
                alter table whole replica identity full;
                """
            try await withSite(tables) { site in
                for table in ["plain", "whole"] {
                    try site.connect(.source).execute(
                        "insert into \(table) select g, array_fill(md5(g::text), array[200]), "
                            + "repeat(md5(g::text), 200), 0 "
                            + "from generate_series(1, 10) g")
                }
                try await site.goLive(mode)
                for direction in [Direction.forward, .reverse] {
                    if direction == .reverse {
                        try site.cutover(to: .target)
                        try await site.awaitPhase(.fallBack)
                    }
                    for table in ["plain", "whole"] {
                        try site.connect(direction.origin).execute(
                            """
                            update \(table) set v = v + 1;
                            begin; update \(table) set v = v + 1 where id = 1; update \(table) set id = id + 100 where id = 1;
                            update \(table) set v = v + 1 where id = 101; update \(table) set id = 1 where id = 101; commit;
                            update \(table) set words[3] = 'other' where id = 2; update \(table) set body = body || 'x' where id = 3;
                            begin; delete from \(table) where id = 4;
                            insert into \(table) values (4, array_fill('n'::text, array[3000]), 'n', 9);
                            update \(table) set v = 10 where id = 4; commit
                            """)
                    }
                    #expect(try await site.differences(direction) == [])
                }
            }
        }

        @Test(arguments: Direction.allCases, ApplyMode.both)
        func
            `a truncate that cascades, and one that restarts identities, arrive, and one that is refused stops the apply`(
                direction: Direction, mode: ApplyMode
            ) async throws
        {
            let tables = """
                create table parent (id int generated by default as identity primary key, v text);
                create table child (id int generated by default as identity primary key, parent int \
                references parent);
                create table alone (id int primary key); create table beside (id int primary key, alone int);
                """
            try await withSite(tables) { site in
                let (origin, destination) = (direction.origin, direction.destination)
                try site.connect(.source).execute(
                    "insert into parent (v) select 'old' from generate_series(1, 30); "
                        + "insert into child (parent) select g from generate_series(1, 30) g; "
                        + "insert into alone values (1); insert into beside values (1, 1)")
                try await site.goLive(mode)
                if direction == .reverse {
                    try site.cutover(to: .target)
                    try await site.awaitFallBack()
                }
                // Changes before and after it in one transaction, some of them foldable.
                for further in ["", "restart identity "] {
                    try site.connect(origin).execute(
                        "begin; update parent set v = 'x'; insert into parent (v) values ('y'); "
                            + "truncate parent \(further)cascade; insert into parent (id, v) values (1000, "
                            + "'new'); "
                            + "insert into child (parent) values (1000); update parent set v = "
                            + "'newer'; commit"
                    )
                    #expect(try await site.differences(direction) == [])
                    #expect(try site.value(destination, "select count(*) from child") == "1")
                }
                // Only the destination has this foreign key.
                try site.write(
                    destination, "alter table beside add constraint own foreign key (alone) references alone")
                try site.connect(origin).execute("truncate alone; insert into alone values (2)")
                try await eventually("the apply stops") {
                    try site.trouble().contains(
                        "cannot truncate a table referenced in a foreign key constraint")
                }
                #expect(try site.value(destination, "select string_agg(id::text, ',') from alone") == "1")
                try site.write(destination, "alter table beside drop constraint own")
                _ = try site.migration.leave(.resume, by: "test")
                #expect(try await site.differences(direction) == [])
            }
        }

        @Test func `a table with REPLICA IDENTITY NOTHING is refused before anything is created`()
            async throws
        {
            try await withSite(Self.table) { site in
                try site.connect(.source).execute("alter table t replica identity nothing")
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the refusal") { try site.trouble().contains("replica identity full") }
                #expect(
                    try site.surroundings(.source).filter {
                        $0.hasPrefix("slot") || $0.hasPrefix("publication")
                    } == [])
                try site.connect(.source).execute("alter table t replica identity default")
                _ = try site.migration.leave(.resume, by: "test")
                try await site.awaitPhase(.streaming)
            }
        }

        @Test
        func `sessions of ours that the server ends are replaced by the same process, and nothing is lost`()
            async throws
        {
            try await withSite("create table t (id int); alter table t replica identity full;") { site in
                try await site.goLive()
                for round in 1...5 {
                    try site.connect(.source).execute(
                        "insert into t select \(round) from generate_series(1, 2000)")
                    for side in Side.allCases {
                        try site.connect(side).execute(
                            "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
                                + "current_database() "
                                + "and application_name like 'switchback%'")
                    }
                }
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from t") == "10000")
                try await eventually("the published retries") {
                    try site.migration.status().apply?.retries.count ?? 0 > 0
                }
            }
        }
    }
}
