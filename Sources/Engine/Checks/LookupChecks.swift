import Postgres
import Records

/// Tables whose rows nothing finds quickly when changes are written to them.
extension DatabaseChecks {
    /// A warning for each of the tables that has neither a primary key nor an index: every update or delete of it will read all
    /// of its rows.
    static func lookups(
        _ side: Side, _ connection: borrowing PostgresConnection, _ record: MigrationRecord
    ) throws -> [CheckResult] {
        let known = try connection.destinationTables(inSchemas: record.schemas)
        let chosen = Set(
            SnapshotPlan.choose(
                known.map(\.table), globs: record.tableGlobs, excluded: record.excludedTableGlobs
            ).map(\.name))
        return known.filter { chosen.contains($0.table.name) && $0.table.primaryKey.isEmpty }.compactMap {
            lookup(side, $0)
        }
    }

    static func lookup(_ side: Side, _ table: DestinationTable) -> CheckResult? {
        let sent = table.columns.indices.filter { !table.columns[$0].column.isGenerated }
        let lookup = RowLookup(table, columns: sent.map { table.columns[$0] }, places: sent)
        guard !lookup.isIndexed else { return nil }
        let name = table.table.name
        let rows = table.table.rowsEstimate
        let size = DiskLimits.text(table.table.bytesEstimate)
        let remedy =
            lookup.columnToIndex.map {
                "create index on \(name.quoted) (\(quoteIdentifier($0))), or on other columns that tell its rows apart better"
            } ?? "give it a primary key on both sides: none of its columns can have an index that finds a row"
        return CheckResult(
            side: side, name: "rows of \(name)", state: .warning,
            found:
                "no primary key and no index: each update and each delete of it that is applied here reads the whole table "
                + "(about \(rows) rows, \(size)), and all changes behind it wait",
            wanted: "an index that finds a row", remedy: remedy)
    }
}
