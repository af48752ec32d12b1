import Postgres
import Records
import Testing

@testable import Schema

@Suite struct ImportPlanTests {
    private func plan(
        _ files: [(SchemaObjectType, String)], _ options: SchemaImportOptions = SchemaImportOptions(),
        yugabyteDB: Bool = false
    ) throws -> ImportPlan {
        let scripts = try files.map { try SchemaScript(text: $1, file: "schema/" + $0.path, type: $0) }
        return ImportPlan(scripts: scripts, options: options, targetIsYugabyteDB: yugabyteDB)
    }

    private let shop: [(SchemaObjectType, String)] = [
        (
            .comment,
            "comment on index s.i is 'x'; comment on index s.u is 'x'; comment on trigger g on s.t is 'x';"
        ),
        (.trigger, "create trigger g after insert on s.t execute function s.f();"),
        (
            .index,
            """
            create index i on s.t (a); create unique index u on only s.t (a);
            alter index s.t_pkey attach partition s.t1_pkey; alter index s.i attach partition s.i1;
            """
        ),
        (
            .table,
            """
            create table s.t (a int);
            alter table only s.t add constraint fk foreign key (a) references s.r(a);
            alter table s.t add constraint c check (a > 0) not valid;
            alter table only s.t add constraint k primary key (a);
            alter table only s.t replica identity full;
            """
        ),
        (.schema, "create schema public; create schema s;"),
        (.sequence, "create sequence s.q; alter sequence s.q owned by s.t.a;"),
    ]

    @Test func `the first pass defers indexes, triggers and constraints that are not valid`() throws {
        let first = try plan(shop).steps.flatMap(\.statements).map(\.label)
        #expect(
            first == [
                "create schema s", "create sequence s.q", "create table s.t",
                "alter table only s.t add constraint",
                "alter table only s.t replica identity", "alter sequence s.q owned by s.t.a",
                "create unique index u on only",
                "alter index s.t_pkey attach partition s.t1_pkey", "alter table only s.t add constraint",
                "comment on index s.u is",
            ])
    }

    @Test func `the second pass runs exactly the rest`() throws {
        let second = try plan(shop, SchemaImportOptions(postSnapshotImport: true))
        #expect(
            second.steps.map(\.stage) == [
                .notValidConstraint, .index, .index, .trigger, .deferredComment, .deferredComment,
            ])
        let first = try plan(shop)
        let all = try shop.flatMap { try SQLScanner.items(of: $1) }.count
        #expect((first.steps + second.steps).flatMap(\.statements).count + first.skipped.count == all)
    }

    @Test func `YugabyteDB gets no replica identity`() throws {
        let steps = try plan(shop, yugabyteDB: true).steps
        #expect(!steps.flatMap(\.statements).contains { $0.text.contains("replica identity") })
    }

    @Test func `what follows an index in its object is run with the index`() throws {
        let text = """
            -- Name: i; Type: INDEX; Schema: s; Owner: -
            create index i on s.t (a);
            alter table s.t cluster on i;
            -- Name: u; Type: INDEX; Schema: s; Owner: -
            create unique index u on s.t (a);
            alter table only s.t replica identity using index u;
            """
        #expect(try plan([(.index, text)]).steps.map(\.statements.count) == [2])
        #expect(
            try plan([(.index, text)], SchemaImportOptions(postSnapshotImport: true)).steps.map(\.label) == [
                "index s.i"
            ])
    }

    @Test func `statements written by hand wait for the index, trigger or constraint they name`() throws {
        let files: [(SchemaObjectType, String)] = [
            (.index, "create index i on s.t (a); create unique index u on s.t (a);"),
            (
                .table,
                """
                create table s.t (a int);
                alter table s.t add constraint c check (a > 0) not valid;
                alter table s.t validate constraint c;
                alter table s.t cluster on i;
                alter table s.t replica identity using index u;
                alter table s.t disable trigger g;
                """
            ),
            (.uncategorized, "alter index s.i set (fillfactor = 90);"),
        ]
        let second = try plan(files, SchemaImportOptions(postSnapshotImport: true)).steps
        #expect(
            second.flatMap(\.statements).map(\.text) == [
                "alter table s.t add constraint c check (a > 0) not valid;",
                "alter table s.t validate constraint c;",
                "create index i on s.t (a);", "alter table s.t cluster on i;",
                "alter index s.i set (fillfactor = 90);", "alter table s.t disable trigger g;",
            ])
    }

    @Test func `lists of kinds choose the objects and, in straight order, their order`() throws {
        let some = try plan(shop, SchemaImportOptions(include: [.table]))
        #expect(Set(some.steps.map(\.type)) == [.schema, .table])
        let without = try plan(shop, SchemaImportOptions(exclude: [.table]))
        #expect(!without.steps.contains { $0.type == .table })
        let straight = try plan(shop, SchemaImportOptions(straightOrder: true, include: [.table, .sequence]))
        #expect(straight.steps.first?.type == .schema)
        #expect(straight.steps.last?.type == .sequence)
    }

    @Test func `a refusal is classified by its code and its statement`() throws {
        func refusal(_ state: String, _ sql: String) throws -> Refusal {
            let statement = try #require(
                try SchemaScript(text: sql, file: "f", type: .table).objects.first?.statements.first)
            return Refusal(
                PostgresError(kind: .server, sqlState: state, message: "m", doing: "d"), statement: statement)
        }
        #expect(try refusal("42P07", "create table t (a int)") == .exists)
        #expect(try refusal("42P16", "alter table t add constraint k primary key (a)") == .exists)
        #expect(try refusal("42P16", "create or replace view v as select 1") == .error)
        #expect(try refusal("42809", "alter table t attach partition u default") == .exists)
        #expect(try refusal("42809", "alter table t add column a int") == .error)
        #expect(try refusal("42P01", "create view v as select * from t") == .dependencyMissing)
        #expect(try refusal("25001", "create index concurrently i on t (a)") == .outsideTransaction)
        #expect(try refusal("40P01", "create index i on t (a)") == .conflict)
        #expect(try refusal("42501", "create table t (a int)") == .error)
    }
}
