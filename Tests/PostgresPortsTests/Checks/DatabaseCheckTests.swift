import Postgres
import Records
import Testing

@testable import Engine
@testable import PostgresPorts

/// The checks of a database, for facts that were read from it.
@Suite struct DatabaseCheckTests {
    private static let item = QualifiedName(schema: "public", name: "item")
    private static let leaf = QualifiedName(schema: "public", name: "item_1")

    private func table(isPartitioned: Bool = false, unstreamed: [UnstreamedPartition] = []) -> Table {
        Table(
            name: Self.item, columns: [], primaryKey: ["id"], replicaIdentity: .primaryKey,
            isPartitioned: isPartitioned, leaves: isPartitioned ? [Self.leaf] : nil,
            unstreamedParts: unstreamed)
    }

    private func choice(_ tables: [Table], globs: [String] = []) -> TableChoice {
        TableChoice(tables, others: [], globs: globs, excluded: [])
    }

    private func source(
        missing: [String] = [], _ choice: TableChoice, version: Int = 150_000,
        lacks: [TableIdentity.Lack] = [], hidden: [QualifiedName] = [], rights: [TableRights] = [],
        mayBecomeReplica: Bool? = nil, notCarried: NotCarriedAnswer = .found([])
    ) -> SourceFacts {
        SourceFacts(
            user: "mover", serverVersion: version, schemas: FoundSchemas(missing: missing, notUsable: []),
            choice: choice, lacks: lacks,
            filtered: FilteredTables(names: hidden, user: "mover"), rights: rights,
            mayBecomeReplica: mayBecomeReplica, notCarried: notCarried)
    }

    private func failures(_ results: [CheckResult]) -> [String] {
        results.filter { $0.state == .failure }.map(\.name)
    }

    // MARK: Source

    @Test func `a source in order passes, with the number of its tables`() {
        let results = SourceChecks.run(
            source(choice([table()]), mayBecomeReplica: true), judgesLists: true)
        #expect(results.map(\.state) == [.ok, .ok])
        #expect(results.first?.found == "1")
    }

    @Test func `a schema that does not exist is named, and not that there is no table`() {
        let results = SourceChecks.run(source(missing: ["shop"], choice([])), judgesLists: true)
        #expect(results.map(\.name) == ["schema shop"])
        #expect(failures(SourceChecks.run(source(choice([])), judgesLists: true)) == ["tables"])
    }

    @Test func `an entry of a list is judged until the migration begins`() {
        let facts = source(choice([table()], globs: ["item", "nothing"]))
        #expect(failures(SourceChecks.run(facts, judgesLists: true)) == ["nothing in --table-list"])
        #expect(failures(SourceChecks.run(facts, judgesLists: false)) == [])
    }

    @Test func `a partition needs the right to read, a published table the owner's role, too`() {
        let rights = [
            TableRights(table: Self.item, mayRead: true, isOwner: false, owner: "app"),
            TableRights(table: Self.leaf, mayRead: false, isOwner: false, owner: "app"),
            TableRights(table: "public.other", mayRead: false, isOwner: false, owner: "app"),
        ]
        let results = SourceChecks.run(
            source(choice([table(isPartitioned: true)]), rights: rights), judgesLists: true)
        #expect(failures(results) == ["ownership of public.item", "right to read public.item_1"])
        #expect(results.last?.remedy == #"grant select on "public"."item_1" to "mover""#)
    }

    @Test func `each lack of a source fails a check of its own`() {
        let lack = TableIdentity.Lack(name: Self.item, found: "nothing", wanted: "a key", remedy: "sql")
        let facts = source(
            choice([
                table(
                    isPartitioned: true,
                    unstreamed: [UnstreamedPartition(name: "public.item_2", kind: .unlogged)])
            ]), version: 120_000, lacks: [lack], hidden: [Self.item], mayBecomeReplica: false,
            notCarried: .refused("denied"))
        let results = SourceChecks.run(facts, judgesLists: true)
        #expect(
            failures(results) == [
                "partitioned tables", "partition public.item_2 of public.item",
                "replica identity of public.item", "row-level security",
                "right to set session_replication_role",
            ])
        #expect(results.last?.state == .warning && results.last?.found == "could not be read: denied")
    }

    // MARK: Target

    private func target(
        tables: [Table] = [], unlogged: [QualifiedName] = [], isYugabyteDB: Bool = false,
        other: String? = nil, mayBecomeReplica: Bool = true, rights: [TableRights] = []
    ) -> TargetFacts {
        TargetFacts(
            user: "mover", serverVersion: 150_000, isYugabyteDB: isYugabyteDB,
            schemas: FoundSchemas(missing: [], notUsable: []), mayBecomeReplica: mayBecomeReplica,
            rights: rights, unlogged: unlogged, tables: tables,
            filtered: FilteredTables(names: [], user: "mover"), lacks: [],
            otherMigration: other)
    }

    @Test func `a role that is no replica has to own the tables that are written`() {
        func check(isOwner: Bool) -> CheckResult? {
            let facts = target(
                tables: [table()], mayBecomeReplica: false,
                rights: [TableRights(table: Self.item, mayRead: true, isOwner: isOwner, owner: "boss")])
            return TargetChecks.run(facts, excluded: [], forFallBack: false, hasBegun: true)
                .first { $0.name == "right to set session_replication_role" }
        }
        #expect(check(isOwner: true)?.state == .ok)
        #expect(check(isOwner: false)?.state == .failure)
        #expect(check(isOwner: false)?.wanted.contains("public.item") == true)
    }

    @Test func `an unlogged table and another migration fail a target`() {
        let results = TargetChecks.run(
            target(unlogged: [Self.item], other: "m1"), excluded: [], forFallBack: false, hasBegun: true)
        #expect(failures(results) == ["unlogged table public.item", "other migrations"])
    }

    @Test func `partitions of a target are judged once the lists are known, or for the fall-back`() {
        let facts = target(tables: [
            table(
                isPartitioned: true, unstreamed: [UnstreamedPartition(name: Self.leaf, kind: .unlogged)])
        ])
        func failures(_ forFallBack: Bool, _ hasBegun: Bool) -> Int {
            self.failures(
                TargetChecks.run(facts, excluded: [], forFallBack: forFallBack, hasBegun: hasBegun)
            ).count
        }
        #expect(failures(false, false) == 0 && failures(true, false) == 1 && failures(false, true) == 1)
        #expect(
            self.failures(
                TargetChecks.run(facts, excluded: ["item_1"], forFallBack: true, hasBegun: true)) == [])
    }

    @Test func `partitioned tables of YugabyteDB are a warning for the fall-back only`() {
        let facts = target(tables: [table(isPartitioned: true)], isYugabyteDB: true)
        func warnings(_ forFallBack: Bool) -> [String] {
            TargetChecks.run(facts, excluded: [], forFallBack: forFallBack, hasBegun: true)
                .filter { $0.state == .warning }.map(\.name)
        }
        #expect(warnings(true) == ["partitioned tables"] && warnings(false) == [])
    }

    // MARK: Streaming and writing

    private func replication(
        walLevel: String = "logical", slots: Int = 2, senders: Int = 2, mayReplicate: Bool = true,
        mayPublish: Bool = true, publications: String? = nil, yugabyte: YugabyteFacts? = nil,
        carriesMessages: Bool = true
    ) -> [CheckResult] {
        ReplicationChecks.run(
            .source,
            ReplicationFacts(
                user: "mover",
                settings: ReplicationSettings(
                    walLevel: walLevel, freeSlots: slots, freeSenders: senders, mayReplicate: mayReplicate,
                    mayPublish: mayPublish, database: "shop", publicationsOfAllTables: publications),
                yugabyte: yugabyte, plugins: .unlimited, carriesMessages: carriesMessages))
    }

    @Test func `each setting and right that streaming needs fails a check of its own`() {
        #expect(replication().allSatisfy { $0.state == .ok && $0.remedy.isEmpty })
        let results = replication(
            walLevel: "replica", slots: 1, senders: 1, mayReplicate: false, mayPublish: false)
        #expect(
            failures(results) == [
                "wal_level", "free WAL senders", "free replication slots", "right to replicate",
                "right to create a publication",
            ])
        #expect(results.last?.remedy == #"grant create on database "shop" to "mover""#)
    }

    @Test func `YugabyteDB needs no settings of a WAL`() {
        let facts = YugabyteFacts(version: YugabyteVersion([2026, 1, 0, 0]), hasTransactionalDDL: false)
        #expect(failures(replication(walLevel: "", slots: 2, senders: 0, yugabyte: facts)) == [])
    }

    @Test func `YugabyteDB with DDL in transaction blocks fails the check of a stream, by the flag's name`() {
        let facts = YugabyteFacts(version: YugabyteVersion([2026, 1, 0, 0]), hasTransactionalDDL: true)
        let results = replication(yugabyte: facts)
        #expect(failures(results) == ["ysql_yb_ddl_transaction_block_enabled"])
        #expect(results.first?.remedy.contains("to false on every yb-tserver") == true)
        #expect(!replication().contains { $0.name == "ysql_yb_ddl_transaction_block_enabled" })
    }

    @Test func `publications of all tables are a warning while barriers are rows`() {
        #expect(replication(publications: "every").count == replication().count)
        let warned = replication(publications: "every", carriesMessages: false).first
        #expect(warned?.state == .warning && warned?.found == "every")
    }

    @Test func `what a cutover and replicated rows need of a written database is checked`() {
        let fine = WriteFacts(
            user: "mover", seesSessions: true, sequencesNotSettable: nil, alwaysTriggers: [])
        #expect(WriteChecks.run(.target, fine) == [])
        let results = WriteChecks.run(
            .target,
            WriteFacts(
                user: "mover", seesSessions: false, sequencesNotSettable: "public.s",
                alwaysTriggers: [AlwaysTrigger(kind: .trigger, table: Self.item, name: "audit")]))
        #expect(results.map(\.state) == [.warning, .failure, .warning])
        #expect(results[1].remedy == #"grant update on sequence public.s to "mover""#)
        #expect(results[2].found == "trigger audit on public.item")
    }

    @Test func `a server before version 10 is refused`() {
        func state(_ number: Int) -> CheckResult.State {
            DatabaseChecks.versions(
                .source, yugabyte: nil, number: number, text: "", isStreamed: true
            )[0].state
        }
        #expect(state(90_624) == .failure && state(100_000) == .ok)
    }
}
