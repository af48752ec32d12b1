import Records
import Testing

@testable import Postgres

/// The lookup of a row without a key: the index, and the order of the comparisons.
@Suite struct RowLookupTests {
    private static let equals = EqualityOperator(schema: "pg_catalog", name: "=")

    private static func column(
        _ name: String, _ type: String = "integer", exact: Bool = true, equality: Bool = true,
        notNull: Bool = true, size: ValueSize = .fixed(4)
    ) -> DestinationColumn {
        DestinationColumn(
            column: Column(name: Identifier(name), typeName: type, isNotNull: notNull),
            comparison: ColumnComparison(
                castType: type, equality: equality ? equals : nil, isExact: exact), size: size)
    }

    private static func index(_ columns: [Int], unique: Bool = false, ordered: Bool = true) -> LookupIndex {
        LookupIndex(
            keys: columns.map { LookupIndex.Key(column: $0, equality: equals) }, isUnique: unique,
            isOrdered: ordered)
    }

    private static func lookup(
        _ columns: [DestinationColumn], _ indexes: [LookupIndex], rows: Int64 = 1000, sent: [Int]? = nil
    ) -> RowLookup {
        let places = sent ?? Array(columns.indices)
        return RowLookup(
            DestinationTable(
                table: Table(
                    name: QualifiedName(schema: "s", name: "t"), columns: columns.map(\.column),
                    primaryKey: [], replicaIdentity: .full, rowsEstimate: rows),
                columns: columns, indexes: indexes), columns: places.map { columns[$0] }, places: places)
    }

    private static func size(_ distinct: Double, width: Int = 8) -> ValueSize {
        ValueSize(
            fixedLength: -1, mayBeLarge: true,
            statistics: ValueSize.Statistics(averageWidth: width, distinct: distinct))
    }

    private static func condition(_ lookup: RowLookup, nulls: Set<Int> = []) -> RowLookup.Condition {
        lookup.condition(lookup.form { nulls.contains($0) }, firstParameter: 1)
    }

    @Test func `a unique index is taken before others, and then the one that distinguishes most rows`() {
        let columns = [
            Self.column("few", size: Self.size(3)), Self.column("many", size: Self.size(-0.5)),
            Self.column("one", size: Self.size(2)),
        ]
        let indexes = [Self.index([0]), Self.index([1]), Self.index([2], unique: true), Self.index([0, 1])]
        let found = Self.lookup(columns, indexes).indexes.map { $0.keys.map(\.column) }
        #expect(found == [[2], [0, 1], [1], [0]])
    }

    @Test func `without statistics the index of more columns is taken`() {
        let columns = [Self.column("a"), Self.column("b")]
        let found = Self.lookup(columns, [Self.index([0]), Self.index([1, 0])], rows: 0).indexes
        #expect(found.map(\.keys.count) == [2, 1])
    }

    @Test func `an index with a column that is not sent serves by those before it, and one of hash does not`()
    {
        let columns = [Self.column("a"), Self.column("own"), Self.column("b")]
        let indexes = [
            Self.index([0, 1], unique: true), Self.index([1, 0]), Self.index([2, 1], ordered: false),
        ]
        let found = Self.lookup(columns, indexes, sent: [0, 2]).indexes
        #expect(found == [Self.index([0])])
    }

    @Test func `a NULL in an index column takes another index, and without one it is compared`() {
        let columns = [Self.column("a", notNull: false), Self.column("b", notNull: false)]
        let both = Self.lookup(columns, [Self.index([0], unique: true), Self.index([1])])
        #expect(
            Self.condition(both, nulls: [0]).sql
                == #""b" operator("pg_catalog".=) $1::integer and ("#
                + #""a" operator("pg_catalog".=) $2::integer or "a" is null and $2::integer is null)"#
        )
        let one = Self.condition(Self.lookup(columns, [Self.index([0, 1])]), nulls: [0])
        #expect(one.sql == #""a" is null and "b" operator("pg_catalog".=) $1::integer"#)
        #expect(one.parameters == [1])
        let hash = Self.lookup(columns, [Self.index([0], ordered: false)])
        #expect(hash.form { $0 == 0 } == RowLookup.Form(index: nil, nulls: []))
    }

    @Test
    func
        `narrow columns are compared first, and what has no equality, or has several texts, by text at the end`()
    {
        let columns = [
            Self.column("body", "text", size: ValueSize(fixedLength: -1, mayBeLarge: true)),
            Self.column("j", "json", exact: false, equality: false, size: Self.size(0)),
            Self.column("n", "numeric", exact: false, size: ValueSize(fixedLength: -1, mayBeLarge: false)),
            Self.column("id"),
        ]
        let found = Self.condition(Self.lookup(columns, []))
        #expect(
            found.sql
                == #""id" operator("pg_catalog".=) $1::integer and "n" operator("pg_catalog".=) $2::numeric "#
                + #"and "body" operator("pg_catalog".=) $3::text and row("j")::pg_catalog.text "#
                + #"operator(pg_catalog.=) (select row($4::json)::pg_catalog.text) "#
                + #"and row("n")::pg_catalog.text operator(pg_catalog.=) "#
                + #"(select row($2::numeric)::pg_catalog.text)"#
        )
        #expect(found.parameters == [3, 2, 0, 1])
    }

    @Test func `a column of values too wide for statistics counts as wide, whatever its average width`() {
        let pointer = ValueSize.Statistics(averageWidth: 18, distinct: -1, isTooWide: true)
        #expect(
            ValueSize(fixedLength: -1, mayBeLarge: true, statistics: pointer).width == ValueSize.largeWidth)
        #expect(Self.size(5, width: 40).width == 40)
        #expect(ValueSize.fixed(8).width == 8)
    }

    @Test
    func
        `an index's own operator and collation compare first, and then the text, because they may be coarser`()
    {
        let index = LookupIndex(
            keys: [
                LookupIndex.Key(
                    column: 0, equality: EqualityOperator(schema: "my ops", name: "==="),
                    collation: QualifiedName(schema: "own", name: "blind"))
            ], isUnique: true)
        let found = Self.condition(Self.lookup([Self.column("t", "text")], [index]))
        #expect(
            found.sql
                == #""t" collate "own"."blind" operator("my ops".===) $1::text "#
                + #"and row("t")::pg_catalog.text operator(pg_catalog.=) "#
                + #"(select row($1::text)::pg_catalog.text)"#
        )
    }

    @Test func `a domain is compared as its base type`() {
        let feeling = ColumnComparison(
            castType: "own.mood", isDomain: true, equality: Self.equals, isExact: true)
        #expect(
            feeling.equals("t.\"k\"", "v.k0")
                == #"(t."k")::own.mood operator("pg_catalog".=) v.k0::own.mood"#)
    }

    @Test func `the column to index is the one with most values, and no wide one`() {
        let wide = ValueSize(fixedLength: -1, mayBeLarge: true)
        let columns = [
            Self.column("flag", size: .fixed(1)), Self.column("body", size: wide), Self.column("a"),
            Self.column("b", size: Self.size(-1)),
        ]
        #expect(Self.lookup(columns, []).columnToIndex == "b")
        #expect(Self.lookup(Array(columns.prefix(3)), []).columnToIndex == "a")
        #expect(Self.lookup([columns[1]], []).columnToIndex == nil)
    }
}
