import Engine
import Postgres
import Records

/// The checks for tables in which no index finds the row of a change.
extension DatabaseChecks {
    /// Warns of each table that an update or delete will read whole, because it has no index.
    ///
    /// - Parameter origin: the tables as the origin has them, if they are known; their identity is what rows
    ///   are found by
    static func lookups(
        _ side: Side, _ connection: borrowing PostgresConnection, _ record: MigrationRecord,
        origin: [Table] = []
    ) throws -> [CheckResult] {
        let known = try connection.destinationTables(inSchemas: record.schemas)
        let chosen = Set(
            SnapshotPlan.choose(
                known.map(\.table), globs: record.tableGlobs, excluded: record.excludedTableGlobs
            ).map(\.name))
        let origins = Dictionary(origin.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return known.filter { chosen.contains($0.table.name) }.compactMap {
            lookup(side, $0, origin: origins[$0.table.name])
        }
    }

    static func lookup(_ side: Side, _ table: DestinationTable, origin: Table? = nil) -> CheckResult? {
        let key = origin?.identityColumns ?? []
        guard key.isEmpty else { return keyLookup(side, table, key, origin) }
        guard table.table.primaryKey.isEmpty else { return nil }
        let sent = table.columns.indices.filter { !table.columns[$0].column.isGenerated }
        let lookup = RowLookup(table, columns: sent.map { table.columns[$0] }, places: sent)
        guard !lookup.isIndexed else { return nil }
        let name = table.table.name
        let remedy =
            lookup.columnToIndex.map {
                "create index on \(name.quoted) (\(quoteIdentifier($0))), or on other columns that "
                    + "distinguish its rows better"
            } ?? "give it a primary key on both sides: none of its columns can have an index that finds a row"
        return slow(side, table, origin, why: "no primary key and no index", remedy: remedy)
    }

    /// Checks a table whose rows the origin identifies by a key.
    private static func keyLookup(
        _ side: Side, _ table: DestinationTable, _ key: [Identifier], _ origin: Table?
    ) -> CheckResult? {
        guard !table.hasIndex(on: key) else { return nil }
        let columns = key.map { quoteIdentifier($0) }.joined(separator: ", ")
        return slow(
            side, table, origin, why: "no index on (\(columns)), by which the other side identifies its rows",
            remedy: "create unique index on \(table.table.name.quoted) (\(columns))")
    }

    private static func slow(
        _ side: Side, _ table: DestinationTable, _ origin: Table?, why: String, remedy: String
    ) -> CheckResult {
        // Before the copy only the origin has the rows.
        let rows = max(table.table.rowsEstimate, origin?.rowsEstimate ?? 0)
        let size = DiskLimits.text(max(table.table.bytesEstimate, origin?.bytesEstimate ?? 0))
        return CheckResult(
            side: side, name: "rows of \(table.table.name)", state: .warning,
            found:
                "\(why): each update and each delete of it that is applied here reads the whole table (about "
                + "\(rows) rows, \(size)), and all changes behind it wait",
            wanted: "an index that finds a row", remedy: remedy)
    }
}
