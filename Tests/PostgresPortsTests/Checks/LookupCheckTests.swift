import Postgres
import Records
import Testing

@testable import Engine
@testable import PostgresPorts

/// The warnings of tables in which no index finds the row of a change.
@Suite struct LookupCheckTests {
    private static let equals = EqualityOperator(schema: "pg_catalog", name: "=")
    private static let name = QualifiedName(schema: "s", name: "t")

    private static func table(key: [Identifier] = [], indexes: [[Int]] = []) -> DestinationTable {
        let columns = (["a", "b"] as [Identifier]).map {
            DestinationColumn(
                column: Column(name: $0, typeName: "integer"),
                comparison: ColumnComparison(castType: "integer", equality: equals, isExact: true))
        }
        return DestinationTable(
            table: Table(
                name: name, columns: columns.map(\.column), primaryKey: key, replicaIdentity: .primaryKey),
            columns: columns,
            indexes: indexes.map { places in
                LookupIndex(keys: places.map { LookupIndex.Key(column: $0, equality: equals) })
            })
    }

    private static func origin(_ identity: ReplicaIdentity, key: [Identifier] = [], index: [Identifier] = [])
        -> Table
    {
        Table(
            name: name, columns: [], primaryKey: key, replicaIdentity: identity, identityIndexColumns: index,
            rowsEstimate: 1234)
    }

    private static func warning(_ table: DestinationTable, _ origin: Table? = nil) -> CheckResult? {
        DatabaseChecks.lookup(.target, table, origin: origin)
    }

    @Test
    func `a table without a primary key and without an index is warned of, with the index that mends it`() {
        let warning = Self.warning(Self.table(), Self.origin(.full))
        #expect(warning?.remedy.hasPrefix(#"create index on "s"."t" ("a")"#) == true)
        #expect(warning?.found.contains("1234 rows") == true)
        #expect(Self.warning(Self.table(indexes: [[1]]), Self.origin(.full)) == nil)
        #expect(Self.warning(Self.table(key: ["a"], indexes: [[0]]), Self.origin(.full)) == nil)
        #expect(Self.warning(Self.table()) != nil)
    }

    @Test func `a table without an index on the key by which the origin identifies its rows is warned of`() {
        let byIndex = Self.origin(.index, key: ["a"], index: ["b"])
        let warning = Self.warning(Self.table(key: ["a"], indexes: [[0]]), byIndex)
        #expect(warning?.remedy == #"create unique index on "s"."t" ("b")"#)
        #expect(Self.warning(Self.table(key: ["a"], indexes: [[0], [1, 0]]), byIndex) == nil)
        #expect(Self.warning(Self.table(indexes: [[1]]), Self.origin(.primaryKey, key: ["a"])) != nil)
        #expect(Self.warning(Self.table(indexes: [[0]]), Self.origin(.primaryKey, key: ["a", "b"])) == nil)
    }
}
