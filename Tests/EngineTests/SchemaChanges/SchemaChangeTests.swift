import Demo
import Foundation
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

/// A schema change under a running stream: the statements, the reason that is expected, and what mends it.
struct SchemaChange: Sendable, CustomStringConvertible {
    enum Place: Sendable { case origin, destination }

    let description: String
    let table: String
    let place: Place
    let change: String
    /// Statements on the origin after the change.
    let writes: String
    let reason: String
    /// Statements on the destination that mend it.
    let mend: String
    /// Whether the operator has to say that it is mended.
    var needsWord = false

    static let tables = """
        create table item (id int primary key, v text, n int, gone text);
        create table other (id int primary key, v text);
        create table part (id int, half int, v text, primary key (id, half)) partition by list (half);
        create table part_one partition of part for values in (1);
        create table part_two partition of part for values in (2);
        """

    static let all: [SchemaChange] = [
        SchemaChange(
            description: "a column added on the origin", table: "public.item", place: .origin,
            change: "alter table item add note text", writes: "insert into item (id, note) values (100, 'n')",
            reason: "has a new column note (text)", mend: "alter table item add note text"),
        SchemaChange(
            description: "a column dropped on the origin", table: "public.item", place: .origin,
            change: "alter table item drop column gone", writes: "insert into item (id) values (101)",
            reason: "no longer has column gone", mend: "alter table item drop column gone"),
        SchemaChange(
            description: "a column retyped on the origin", table: "public.item", place: .origin,
            change: "alter table item alter n type bigint",
            writes: "update item set n = 5000000000 where id = 1",
            reason: "has changed the type of column n to bigint", mend: "alter table item alter n type bigint"
        ),
        SchemaChange(
            description: "a key changed on the origin", table: "public.item", place: .origin,
            change: "update item set n = 1 where n is null; "
                + "alter table item drop constraint item_pkey, add primary key (id, n)",
            writes: "insert into item (id, n) values (102, 2)", reason: "has changed what identifies a row",
            mend: "alter table item drop constraint item_pkey; update item set n = 1 where n is null; "
                + "alter table item add primary key (id, n)"),
        SchemaChange(
            description: "a column added on the destination", table: "public.item", place: .destination,
            change: "alter table item add own text", writes: "insert into item (id, n) values (103, 1)",
            reason: "has a new column own", mend: "alter table item drop column own"),
        SchemaChange(
            description: "a table renamed on the destination", table: "public.item", place: .destination,
            change: "alter table item rename to away", writes: "update item set v = 'w' where id = 2",
            reason: "no longer has the table", mend: "alter table away rename to item"),
        SchemaChange(
            description: "a partition made on the origin", table: "public.part", place: .origin,
            change: "create table part_three partition of part for values in (3)",
            writes: "insert into part values (1, 3, 'three')", reason: "no partition",
            mend: "create table part_three partition of part for values in (3)"),
        SchemaChange(
            description: "a partition emptied by a truncate of its own", table: "public.part", place: .origin,
            change: "truncate part_one", writes: "insert into part values (900, 2, 'after')",
            reason: "partition public.part_one was emptied", mend: "delete from part_one", needsWord: true),
    ]
}

extension ServerSuites {
    @Suite(.serialized) struct SchemaChangeTests {
        @Test
        func
            `changes from before a schema change are applied before the table is set aside, and not again after it`()
            async throws
        {
            try await live { site in
                _ = try site.migration.leave(.pause, by: "test")
                try await eventually("apply is paused") {
                    try site.migration.status().apply?.state.word == .paused
                }
                // All of these changes are one window.
                let source = try site.connect(.source)
                try source.execute("update item set n = 500 where id = 1")
                let change = "alter table item alter n type numeric using n / 100.0"
                try source.execute(change)
                try source.execute("update item set n = 7.5 where id = 2")
                _ = try site.migration.leave(.resume, by: "test")
                try await eventually("the table is set aside") {
                    try site.migration.record().setAsideTable("public.item") != nil
                }
                #expect(try site.value(.target, "select n from item where id = 1") == "500")
                try site.connect(.target).execute(change)
                try await eventually("the table is released by itself", within: 30) {
                    try site.migration.record().setAsideTable("public.item") == nil
                }
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select n from item where id = 1") == "5.0000000000000000")
                // An operator who does not compare gets a warning.
                try site.cutover(to: .target, verify: false)
                try await site.awaitPhase(.fallBack)
                #expect(
                    try site.migration.events(after: 0, limit: 1000).contains {
                        $0.level == .warning && $0.message.contains("public.item changed while streamed")
                    })
            }
        }

        private func live(
            _ direction: Direction = .forward, _ mode: ApplyMode = .transactional,
            _ body: (Site) async throws -> Void
        ) async throws {
            try await withSite(SchemaChange.tables) { site in
                try site.connect(.source).execute(
                    "insert into item select i, 'old', i from generate_series(1, 20) i;"
                        + "insert into part select i, 1 + i % 2, 'old' from generate_series(1, 20) i")
                try await site.goLive(mode)
                if direction == .reverse {
                    try site.cutover(to: .target)
                    try await site.awaitFallBack()
                }
                #expect(try await site.differences(direction) == [])
                try await awaitFirstCheck(site)
                try await body(site)
            }
        }

        private func awaitFirstCheck(_ site: Site) async throws {
            let leg = try #require(try site.migration.record().currentLeg)
            try await eventually("the first check of the catalog") {
                try site.migration.journal.document(OriginCatalog.self, key: OriginCatalogMonitor.key(leg))
                    != nil
            }
        }

        private func note(_ site: Site, _ table: String) throws -> TableNote? {
            try site.migration.status().tables.first { $0.name.description == table }?.note
        }

        private func awaitSetAside(_ site: Site, _ table: String, _ reason: String) async throws {
            do {
                try await eventually("\(table) is set aside: \(reason)", within: 30) {
                    let note = try note(site, table)
                    return note?.word == .setAside && note?.reason.contains(reason) == true
                }
            } catch {
                throw Site.Trouble(
                    description:
                        "\(error); note: \(String(describing: try note(site, table))): \(try site.trouble())")
            }
        }

        private func awaitRelease(_ site: Site, _ table: String) async throws {
            do {
                try await eventually("\(table) is released", within: 30) { try note(site, table) == nil }
            } catch {
                throw Site.Trouble(
                    description:
                        "\(error); note: \(String(describing: try note(site, table))): \(try site.trouble())")
            }
        }

        private var number: Int { Int.random(in: 1000...1_000_000_000) }

        /// Waits until a change of another table is applied meanwhile.
        private func expectFlow(_ site: Site, _ direction: Direction) async throws {
            let number = number
            try site.connect(direction.origin).execute("insert into other values (\(number), 'flows')")
            try await eventually("another table is applied; \(try site.trouble())") {
                try site.value(direction.destination, "select count(*) from other where id = \(number)")
                    == "1"
            }
        }

        @Test(arguments: [
            (Direction.forward, ApplyMode.transactional), (.reverse, .transactional),
            (.forward, .parallel(channels: 4)),
        ])
        func
            `a schema change sets its table alone aside, says what changed where, and releases it when mended`(
                direction: Direction, mode: ApplyMode
            ) async throws
        {
            try await live(direction, mode) { site in
                for (place, change) in SchemaChange.all.enumerated() {
                    let side = change.place == .origin ? direction.origin : direction.destination
                    try site.write(side, change.change)
                    try site.connect(direction.origin).execute(change.writes)
                    try await awaitSetAside(site, change.table, change.reason)
                    let note = try #require(try note(site, change.table))
                    if !change.needsWord,
                        change.reason.hasPrefix("has ") || change.reason.hasPrefix("no longer")
                    {
                        #expect(note.reason.contains("the \(side.rawValue) "), "\(change): \(note.reason)")
                    }
                    try await expectFlow(site, direction)
                    if place == 0 {
                        // It stays set aside over a restart, and a cutover is refused with the reason.
                        try await site.stopWorker()
                        site.startWorker()
                        try await expectFlow(site, direction)
                        #expect(try self.note(site, change.table)?.word == .setAside)
                        let refusal = try site.migration.refusal(
                            of: .initiateCutover(
                                CutoverOptions(to: direction == .forward ? .target : .source)))
                        #expect(refusal?.contains("public.item is set aside") == true)
                    }
                    try site.write(direction.destination, change.mend)
                    if change.needsWord {
                        _ = try site.migration.leave(
                            .retryTable(QualifiedName(parsing: change.table)), by: "test")
                    }
                    try await awaitRelease(site, change.table)
                    #expect(try await site.differences(direction) == [], "\(change)")
                }
                try await eventually("nothing remains") { try site.migration.status().remainingEvents == 0 }
            }
        }

        @Test(arguments: Direction.allCases)
        func `a truncate of several tables empties the others while one that refers to them is set aside`(
            direction: Direction
        ) async throws {
            let tables = """
                create table parent (id int primary key, v text);
                create table child (id int primary key, parent int references parent, v text);
                """
            try await withSite(tables) { site in
                try site.connect(.source).execute(
                    "insert into parent select g, 'old' from generate_series(1, 20) g; "
                        + "insert into child select g, g, 'old' from generate_series(1, 20) g")
                try await site.goLive()
                if direction == .reverse {
                    try site.cutover(to: .target)
                    try await site.awaitFallBack()
                }
                #expect(try await site.differences(direction) == [])
                let (origin, destination) = (direction.origin, direction.destination)
                try site.write(destination, "alter table child rename column v to w")
                try site.connect(origin).execute("update child set v = 'x' where id = 1")
                try await awaitSetAside(site, "public.child", "no longer has column v")
                try site.connect(origin).execute(
                    "begin; truncate parent, child; insert into parent values (7, 'new'); "
                        + "insert into child values (8, 7, 'new'); commit")
                try await eventually("the other table is emptied; \(try site.trouble())") {
                    try site.value(destination, "select string_agg(v, ',') from parent") == "new"
                }
                #expect(try site.value(destination, "select count(*) from child") == "20")
                try site.write(destination, "alter table child rename column w to v")
                try await awaitRelease(site, "public.child")
                #expect(try await site.differences(direction) == [])
                #expect(try site.value(destination, "select count(*) from child") == "1")
            }
        }

        @Test
        func `a table that changes several times while it is set aside is released when all of it is mended`()
            async throws
        {
            try await live { site in
                let source = try site.connect(.source)
                try source.execute("alter table item add a text")
                try source.execute("insert into item (id, a) values (100, 'a')")
                try await awaitSetAside(site, "public.item", "new column a")
                try source.execute("alter table item add b int")
                try source.execute("update item set b = id")
                try site.write(.target, "alter table item add a text")
                try await awaitSetAside(site, "public.item", "new column b")
                // A column that comes and goes while the table is set aside: its values are in the log.
                try source.execute("alter table item add brief text")
                try source.execute("update item set brief = 'x' where id < 5")
                try source.execute("alter table item drop column brief")
                try source.execute("delete from item where id = 6")
                try await expectFlow(site, .forward)
                try site.write(.target, "alter table item add b int")
                try await awaitSetAside(site, "public.item", "had column brief for a while")
                try site.write(.target, "alter table item add brief text")
                try await eventually("the rows have caught up") {
                    try site.value(.target, "select count(*) from item where id = 6") == "0"
                }
                try site.write(.target, "alter table item drop column brief")
                try await awaitRelease(site, "public.item")
                #expect(try await site.differences() == [])
            }
        }

        @Test
        func
            `a table that is excluded is named, counted and not compared, and a cutover completes without it`()
            async throws
        {
            try await live { site in
                try site.connect(.source).execute("alter table item add note text")
                try site.connect(.source).execute("update item set note = 'n'")
                try await awaitSetAside(site, "public.item", "new column note")
                #expect(throws: RequestRefused.self) {
                    try site.migration.leave(.excludeTable("public.other"), by: "test")
                }
                _ = try site.migration.leave(.excludeTable("public.item"), by: "dba")
                try await expectFlow(site, .forward)
                try site.connect(.source).execute("update item set v = 'later'")
                try await expectFlow(site, .forward)
                let noted = try #require(try note(site, "public.item"))
                #expect(noted.word == .excluded && noted.reason.contains("excluded by dba"))
                try await eventually("nothing remains") { try site.migration.status().remainingEvents == 0 }
                try await eventually("what was passed over is counted") {
                    try site.migration.status().tables.first { $0.name.name == "item" }?.remaining(.forward)
                        == 40
                }
                try site.cutover(to: .target)
                try await site.awaitFallBack()
                let detail = try site.migration.record().cutovers.last?.steps.first {
                    $0.step == .checksumDestination
                }?.detail
                #expect(detail?.contains("excluded by the operator: public.item") == true)
                // It is not captured in the fall-back either.
                try site.connect(.target).execute(
                    "update item set v = 'target'; insert into other values (1, 'back')")
                try await eventually("the fall-back") {
                    try site.value(.source, "select count(*) from other where id = 1") == "1"
                }
                #expect(try site.value(.source, "select count(*) from item where v = 'target'") == "0")
            }
        }

        @Test
        func
            `a new table prevents a cutover until it is excluded, and so does one that was dropped`()
            async throws
        {
            try await live { site in
                let source = try site.connect(.source)
                try source.execute("create table extra (id int primary key); insert into extra values (1)")
                try await eventually("the new table is noticed") {
                    try note(site, "public.extra")?.word == .new
                }
                let cutover = Request.initiateCutover(CutoverOptions(to: .target))
                #expect(
                    try site.migration.refusal(of: cutover)?.contains(
                        "public.extra was created after the start") == true)
                try await expectFlow(site, .forward)
                _ = try site.migration.leave(.excludeTable("public.extra"), by: "test")
                #expect(try site.migration.refusal(of: cutover) == nil)
                // A new table that is dropped again prevents nothing.
                try source.execute("create table brief (id int)")
                try await eventually("the brief table") { try note(site, "public.brief")?.word == .new }
                try source.execute("drop table brief")
                try await eventually("the brief table is forgotten") { try note(site, "public.brief") == nil }
                try source.execute("drop table item")
                try await awaitSetAside(site, "public.item", "the source no longer has the table")
                try await expectFlow(site, .forward)
                _ = try site.migration.leave(.excludeTable("public.item"), by: "test")
                try site.cutover(to: .target)
                try await site.awaitFallBack()
            }
        }

        @Test
        func `a partition that was emptied is found again if the capture dies before the reason is known`()
            async throws
        {
            try await live { site in
                try await site.stopWorker()
                let leg = try #require(try site.migration.record().currentLeg)
                let context = RoleContext(
                    journal: site.migration.journal, exportDirectory: site.directory,
                    options: RunOptions(source: try site.access(.source)), stop: StopSignal(),
                    announce: { _ in })
                let session = try context.origin(of: leg).monitor(as: "test")
                try OriginCatalogMonitor(context: context, leg: leg).check(
                    session, truncates: ReceivedTruncates(), received: .zero)
                try site.connect(.source).execute("truncate part_one")
                // The stream has not passed this check, and its process dies.
                try OriginCatalogMonitor(context: context, leg: leg).check(
                    session, truncates: ReceivedTruncates(), received: .zero)
                #expect(try site.migration.record().setAsideTable("public.part") == nil)
                let next = OriginCatalogMonitor(context: context, leg: leg)
                for _ in 0..<2 {
                    try next.check(session, truncates: ReceivedTruncates(), received: LogPosition.last)
                }
                let table = try #require(try site.migration.record().setAsideTable("public.part"))
                #expect(table.reason.contains("public.part_one was emptied"))
            }
        }

        @Test func `a truncate of one partition is found right after one of its root, too`() async throws {
            try await live { site in
                let source = try site.connect(.source)
                for statement in [
                    "truncate part", "insert into part values (1, 1, 'gone'), (2, 2, 'stays')",
                    "truncate part_one",
                ] { try source.execute(statement) }
                try await awaitSetAside(site, "public.part", "partition public.part_one was emptied")
                // The insert may wait in the log: the partition is emptied when it is applied.
                _ = try site.migration.leave(.retryTable("public.part"), by: "test")
                try await awaitRelease(site, "public.part")
                // The retry may come before the table was set aside for the apply. Its insert is applied with
                // this marker.
                _ = try await site.differences()
                try site.write(.target, "delete from part_one")
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select string_agg(v, ',') from part") == "stays")
            }
        }

        /// Statements after the truncate that make it resemble something else, each in a transaction of its
        /// own.
        @Test(arguments: [
            [
                "insert into part select g, 1, 'new' from generate_series(1000, 1100) g", "analyze part_one",
                "grant select on all tables in schema public to public",
            ],
            ["alter table part add column n int", "vacuum full part_two"],
        ])
        func `a partition that was emptied is found, whatever came right after`(statements: [String])
            async throws
        {
            try await live { site in
                let source = try site.connect(.source)
                for statement in ["truncate part_one"] + statements { try source.execute(statement) }
                try await awaitSetAside(site, "public.part", "partition public.part_one was emptied")
            }
        }

        @Test
        func
            `a partition that is locked during a check is checked again, and delays nothing`()
            async throws
        {
            try await live { site in
                // The lock is in the queue before the truncate ends, so no check comes between them.
                let writer = try site.connect(.source)
                try writer.execute("select pg_advisory_lock(77); begin; truncate part_one")
                let access = try site.cluster(.source).access(database: site.name)
                let holder = Task.detached {
                    try PostgresConnection(access, applicationName: "holder", settings: nil).execute(
                        "begin; lock table part_one; select pg_advisory_lock(77); rollback")
                }
                try await eventually("the lock is waited for") {
                    try site.value(
                        .source,
                        "select count(*)::text from pg_locks where not granted and relation is not null")
                        == "1"
                }
                try writer.execute("commit")
                try site.connect(.source).execute("create table beside (n int)")
                try await eventually("the catalog is checked all the same") {
                    try site.migration.record().newTables?.contains { $0.table == "public.beside" } == true
                }
                #expect(try note(site, "public.part") == nil)
                try await eventually("it is logged that the partition could not be read") {
                    try site.trouble().contains("read partition public.part_one")
                }
                try writer.execute("select pg_advisory_unlock(77)")
                _ = try await holder.value
                try await awaitSetAside(site, "public.part", "partition public.part_one was emptied")
            }
        }

        @Test func `a partition that the role may not read prevents nothing when its root is truncated`()
            async throws
        {
            let source = try ThrowAwayCluster(named: "unread", options: .init(trust: true))
            defer { source.remove() }
            try await withSite(SchemaChange.tables, on: [.source: source]) { site in
                let admin = try site.connect(.source)
                try admin.execute(
                    """
                    create role mover login replication; grant mover to postgres;
                    alter database \(site.name) owner to mover; alter table marker owner to mover;
                    alter table item owner to mover; alter table other owner to mover; alter table part \
                    owner to mover;
                    alter table part_one owner to mover; alter table part_two owner to mover;
                    """)
                site.sourceUser = "mover"
                try site.keepForms()
                try await site.goLive()
                try await awaitFirstCheck(site)
                try admin.execute("create table part_three partition of part for values in (3)")
                try site.connect(.target).execute(
                    "create table part_three partition of part for values in (3)")
                try await eventually("the new partition is seen") {
                    try site.trouble().contains("new partition public.part_three")
                }
                try admin.execute("insert into part values (1, 1, 'gone'), (3, 3, 'gone')")
                #expect(try await site.differences() == [])
                try admin.execute("truncate part")
                try await awaitTwoChecks(site)
                #expect(try note(site, "public.part") == nil)
                #expect(try site.migration.status().capture?.state.word == .streaming)
                #expect(try await site.differences() == [])
            }
        }

        /// Statements that write rows while the table is no partition: the stream does not have these rows.
        @Test(arguments: [
            """
            begin; alter table part detach partition part_one; update part_one set v = 'unseen';
            alter table part attach partition part_one for values in (1); commit
            """,
            """
            begin; create table fresh (like part including all); insert into fresh values (1, 1, 'unseen');
            alter table part detach partition part_one; alter table part_one rename to old;
            alter table fresh rename to part_one; alter table part attach partition part_one for values in \
            (1);
            drop table old; commit
            """,
            """
            begin; alter table part detach partition part_one; truncate part_one;
            insert into part_one values (1, 1, 'unseen');
            alter table part attach partition part_one for values in (1); commit
            """,
        ])
        func `a partition that was detached and attached again, or replaced, is found`(
            statements: String
        ) async throws {
            try await live { site in
                try site.connect(.source).execute(statements)
                try await awaitSetAside(site, "public.part", "dropped or detached partition public.part_one")
                try site.write(.target, "delete from part_one")
                for row in try site.connect(.source).query("select id, half, v from part_one").rows {
                    try site.connect(.target).query(
                        "insert into part_one values ($1::int, $2::int, $3)", row)
                }
                _ = try site.migration.leave(.retryTable("public.part"), by: "test")
                try await awaitRelease(site, "public.part")
                #expect(try await site.differences() == [])
            }
        }

        @Test(arguments: ["vacuum full part_one, part_two", "cluster part_one using part_one_pkey"])
        func `a table whose partition is rewritten with its rows is not set aside`(statement: String)
            async throws
        {
            try await live { site in
                try site.connect(.source).execute(statement)
                try await awaitTwoChecks(site)
                #expect(try note(site, "public.part") == nil)
                #expect(try await site.differences() == [])
            }
        }

        @Test
        func
            `a partitioned table whose rows were rewritten for another type is set aside for the type alone, also with an empty partition`()
            async throws
        {
            try await live { site in
                let change = "alter table part alter v type varchar(100)"
                try site.connect(.source).execute("delete from part where half = 2")
                #expect(try await site.differences() == [])
                try site.connect(.source).execute(change)
                try site.connect(.source).execute("insert into part values (500, 1, 'after')")
                try await awaitSetAside(site, "public.part", "v")
                try await awaitTwoChecks(site)
                try site.write(.target, change)
                try await awaitRelease(site, "public.part")
                #expect(try await site.differences() == [])
            }
        }

        @Test(arguments: [
            "truncate part; insert into part values (1, 1, 'new')",
            "begin; savepoint s; truncate part; insert into part values (1, 1, 'new'); release s; commit",
            "begin; truncate part; commit; begin; truncate part; insert into part values (1, 1, "
                + "'new'); commit",
        ])
        func `a truncate of a whole partitioned table sets nothing aside`(statements: String) async throws {
            try await live { site in
                try site.connect(.source).execute(statements)
                #expect(try await site.differences() == [])
                try await awaitTwoChecks(site)
                #expect(try note(site, "public.part") == nil)
                #expect(try await site.differences() == [])
            }
        }

        @Test
        func
            `a truncate of a whole partitioned table sets nothing aside if the capture begins anew after it`()
            async throws
        {
            try await live { site in
                try site.connect(.source).execute("truncate part")
                #expect(try await site.differences() == [])
                try await site.stopWorker()
                site.startWorker()
                try await awaitTwoChecks(site)
                #expect(try note(site, "public.part") == nil)
                #expect(try await site.differences() == [])
            }
        }

        /// Waits until two more checks of the catalog are complete: the second settles what the first finds.
        private func awaitTwoChecks(_ site: Site) async throws {
            for number in 1...3 {
                let table = "seen_\(UUID().uuidString.prefix(8).lowercased())"
                try site.connect(.source).execute("create table \(table) (n int)")
                try await eventually("check \(number)") {
                    try site.migration.record().newTables?.contains { $0.table.name == Identifier(table) }
                        == true
                }
                try site.connect(.source).execute("drop table \(table)")
            }
        }

        @Test func `a worker killed while a table catches up loses and doubles nothing`() async throws {
            try await withSite(SchemaChange.tables + "alter table item replica identity full;") { site in
                // Without a key on the destination a change that is applied twice would stay.
                try site.connect(.target).execute("alter table item drop constraint item_pkey")
                var worker = try site.startWorkerProcess()
                defer { kill(worker, SIGKILL) }
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await site.awaitPhase(.streaming)
                #expect(try await site.differences() == [])
                let source = try site.connect(.source)
                try source.execute("alter table item add note text")
                try source.execute("insert into item (id, note) values (1, 'first')")
                try await awaitSetAside(site, "public.item", "new column note")
                for round in 1...20 {
                    try source.execute(
                        "insert into item select \(round) * 1000 + i, 'v', 1, null, 'n' from "
                            + "generate_series(1, 300) i;"
                            + "insert into other values (\(round), 'beside')")
                }
                try await eventually("the other table") {
                    try site.value(.target, "select count(*) from other") == "20"
                }
                try site.write(.target, "alter table item add note text")
                var random = Randomness("kills while a table catches up")
                for _ in 0..<8 {
                    try await eventually("the worker applies") {
                        RoleLock.holder(site.directory, .apply) == worker
                    }
                    // Random, so that kills meet different steps of the catch-up.
                    try await Task.sleep(for: .milliseconds(random.below(300)))
                    kill(worker, SIGKILL)
                    try await site.awaitNoWorker()
                    worker = try site.startWorkerProcess()
                }
                try await awaitRelease(site, "public.item")
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from item") == "6001")
                kill(worker, SIGKILL)
                try await site.awaitNoWorker()
            }
        }
    }
}
