import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Partitions whose changes no stream carries: unlogged partitions and foreign tables.
    @Suite(.serialized) struct UnstreamedPartitionTests {
        private static let tables = """
            create table sale (id int primary key, v text) partition by range (id);
            create table sale_1 partition of sale for values from (0) to (1000);
            create unlogged table sale_2 partition of sale for values from (1000) to (2000);
            create table stock (id int primary key, v text) partition by range (id);
            create table stock_1 partition of stock for values from (0) to (1000);
            create table stock_2 partition of stock for values from (1000) to (2000);
            create table parent (id int primary key);
            create unlogged table heir (primary key (id)) inherits (parent);
            """

        private func refusal(_ site: Site, _ side: Side) throws -> String {
            let context = RoleContext(
                journal: site.migration.journal, exportDirectory: site.directory,
                options: RunOptions(source: try site.access(.source), target: try site.access(.target)),
                stop: StopSignal(), announce: { _ in })
            let checks = try DatabaseChecks.run(side, context, forFallBack: true)
            return StartChecks.refusal(of: checks).map { "\($0)" } ?? ""
        }

        @Test
        func
            `an unlogged partition is refused on both sides, and excluded in both directions if it is named`()
            async throws
        {
            try await withSite(Self.tables) { site in
                for side in Side.allCases {
                    let refused = try refusal(site, side)
                    #expect(refused.contains("partition public.sale_2 of public.sale"), "\(refused)")
                }
                // A crash of the target would empty an unlogged table there.
                try site.connect(.target).execute("alter table parent set unlogged")
                // The engine refuses it, too, whatever checks were made.
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await eventually("the start is refused") {
                    try site.migration.status().capture?.state.reason.contains(
                        "--exclude-table-list public.sale_2") == true
                }
                try await site.stopWorker()

                try site.migration.update { $0.excludedTableGlobs = ["public.sale_2"] }
                #expect(try refusal(site, .source) == "")
                let unlogged = try refusal(site, .target)
                #expect(unlogged.contains("unlogged table public.parent"), "\(unlogged)")
                try site.connect(.target).execute("alter table parent set logged")
                #expect(try refusal(site, .target) == "")
                try site.connect(.source).execute(
                    "insert into sale select g, 'before' from generate_series(1, 1100) g; "
                        + "insert into stock select g, 'before' from generate_series(1, 1100) g; "
                        + "insert into parent values (1); insert into heir values (2)")
                site.startWorker()
                try await site.awaitPhase(.streaming)
                try site.connect(.source).execute(
                    "insert into sale values (0, 'after'), (1500, 'unseen'); update sale set v = 'changed' "
                        + "where id = 5"
                )
                try site.cutover(to: .target)
                try await site.awaitFallBack()
                for side in Side.allCases {
                    #expect(
                        try site.value(side, "select count(*) || max(v) from only sale_1") == "1000changed")
                }
                #expect(try site.value(.target, "select count(*) from sale_2") == "0")
                try site.connect(.target).execute(
                    "insert into sale values (1501, 'unseen'); update sale set v = 'back' where id = 6")
                try site.cutover(to: .source)
                try await site.awaitPhase(.complete)
                #expect(try site.value(.source, "select v from sale where id = 6") == "back")
                #expect(try site.value(.source, "select count(*) from sale_2") == "102")
                try await site.end()
            }
        }

        @Test(arguments: [
            (Direction.forward, "alter table stock_1 set unlogged"),
            (.reverse, "create unlogged table stock_3 partition of stock for values from (2000) to (3000)"),
        ])
        func `a partition that loses its stream sets its table aside, and no cutover begins`(
            direction: Direction, statement: String
        ) async throws {
            let (origin, destination) = (direction.origin, direction.destination)
            try await withSite(Self.tables + "alter table sale_2 set logged;") { site in
                try await site.goLive(direction)
                let leg = try #require(try site.migration.record().currentLeg)
                try await eventually("the first check") {
                    try site.migration.journal.document(
                        OriginCatalog.self, key: OriginCatalogMonitor.key(leg)) != nil
                }
                try site.connect(origin).execute("insert into stock values (1, 'before')")
                #expect(try await site.differences(direction) == [])
                try site.connect(origin).execute(statement)
                try await eventually("the table is set aside") {
                    try site.migration.record().setAsideTable("public.stock") != nil
                }
                let table = try #require(try site.migration.record().setAsideTable("public.stock"))
                #expect(table.reason.contains("unlogged on the \(origin.rawValue)"))
                #expect(table.remedy.contains("set logged"))
                #expect(throws: RequestRefused.self) { try site.cutover(to: destination) }
                // It is logged again. The operator has to copy what was written meanwhile.
                try site.connect(origin).execute(
                    "do $$ begin alter table stock_1 set logged; alter table if exists stock_3 set "
                        + "logged; end $$"
                )
                try await eventually("the new reason") {
                    try site.migration.record().setAsideTable("public.stock")?.reason.contains("logged again")
                        == true
                }
                try site.write(
                    destination,
                    "create table if not exists stock_3 partition of stock for values from (2000) to (3000)")
                _ = try site.migration.leave(.retryTable("public.stock"), by: "test")
                do {
                    try await eventually("the table is released", within: 30) {
                        try site.migration.record().setAsideTables.isEmpty
                    }
                } catch { throw Site.Trouble(description: "\(error): \(try site.trouble())") }
                try site.connect(origin).execute("insert into stock values (2, 'again')")
                #expect(try await site.differences(direction) == [])
            }
        }

        @Test
        func
            `a partition that was attached with rows sets its table aside, one that was made or attached empty does not`()
            async throws
        {
            try await withSite(Self.tables + "alter table sale_2 set logged;") { site in
                let source = try site.connect(.source)
                let target = try site.connect(.target)
                try await site.goLive()
                try source.execute("insert into stock values (1, 'before')")
                #expect(try await site.differences() == [])
                for (number, rows) in [(3, false), (4, true), (5, false)] {
                    let bounds = "for values from (\(number * 1000)) to (\(number * 1000 + 1000))"
                    try target.execute("create table stock_\(number) partition of stock \(bounds)")
                    if number == 3 {
                        try source.execute(
                            "create table stock_3 partition of stock \(bounds); insert into stock values "
                                + "(3001, 'after')"
                        )
                    } else {
                        try source.execute("create table stock_\(number) (id int primary key, v text)")
                        if rows {
                            try source.execute(
                                "insert into stock_\(number) values (\(number * 1000 + 1), 'early')")
                        }
                        try source.execute("alter table stock attach partition stock_\(number) \(bounds)")
                        try source.execute("insert into stock values (\(number * 1000 + 2), 'after')")
                    }
                    try await eventually("the check of partition \(number)") {
                        try site.migration.events(after: 0, limit: 1000).contains {
                            $0.message.contains("new partition public.stock_\(number) ")
                        }
                    }
                    try await eventually("the result for partition \(number)") {
                        try (site.migration.record().setAsideTable("public.stock") != nil) == rows
                    }
                    guard rows else { continue }
                    #expect(
                        try site.migration.record().setAsideTable("public.stock")?.reason
                            == "partition public.stock_4 was attached on the source with rows, which were "
                            + "not captured"
                    )
                    try target.execute("insert into stock values (4001, 'early')")
                    _ = try site.migration.leave(.retryTable("public.stock"), by: "test")
                    try await eventually("the table is released", within: 30) {
                        try site.migration.record().setAsideTables.isEmpty
                    }
                }
                #expect(try await site.differences() == [])
            }
        }

        @Test func `a partition that was emptied alone while other tables were copied sets its table aside`()
            async throws
        {
            try await withSite(Self.tables + "alter table sale_2 set logged;") { site in
                let source = try site.connect(.source)
                try source.execute("insert into stock values (1, 'one'), (1001, 'two')")
                // The copy of another table waits.
                let other = try site.connect(.target)
                try other.execute("begin; lock table marker in share mode")
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await eventually("the copy of the table", within: 30) {
                    try site.migration.journal.tables().contains {
                        $0.table.name.name == "stock" && $0.isImported
                    }
                }
                try source.execute("truncate stock_1")
                try other.execute("commit")
                try await site.awaitPhase(.streaming)
                try await eventually("the table is set aside") {
                    try site.migration.record().setAsideTable("public.stock")?.reason.contains(
                        "public.stock_1 was emptied") == true
                }
                try site.connect(.target).execute("delete from stock_1")
                try source.execute("insert into stock values (2, 'after')")
                _ = try site.migration.leave(.retryTable("public.stock"), by: "test")
                try await eventually("the table is released", within: 30) {
                    try site.migration.record().setAsideTables.isEmpty
                }
                #expect(try await site.differences() == [])
            }
        }

        @Test func `a table that was taken out of the publication is set aside, and no cutover begins`()
            async throws
        {
            try await withSite(Self.tables + "alter table sale_2 set logged;") { site in
                let source = try site.connect(.source)
                try await site.goLive()
                try source.execute("insert into stock values (1, 'before')")
                #expect(try await site.differences() == [])
                let publication = try #require(try site.migration.record().currentLeg?.publicationName)
                try source.execute("alter publication \(publication) drop table stock")
                try await eventually("the table is set aside") {
                    try site.migration.record().setAsideTable("public.stock")?.reason.contains(publication)
                        == true
                }
                #expect(try site.migration.record().setAsideTables.count == 1)
                try source.execute("insert into stock values (2, 'unseen')")
                #expect(throws: RequestRefused.self) { try site.cutover(to: .target) }
                try source.execute("alter publication \(publication) add table only stock")
                try site.connect(.target).execute("insert into stock values (2, 'unseen')")
                _ = try site.migration.leave(.retryTable("public.stock"), by: "test")
                try await eventually("the table is released", within: 30) {
                    try site.migration.record().setAsideTables.isEmpty
                }
                try source.execute("insert into stock values (3, 'after')")
                #expect(try await site.differences() == [])
            }
        }
    }
}
