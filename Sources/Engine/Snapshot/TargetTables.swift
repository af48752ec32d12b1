import Postgres
import Records

/// Whether a database is fit to take the copy.
enum TargetTables {
    /// Throws with all that is wrong in one sentence: tables or columns that are missing, tables that hold rows
    /// already which are not ours, another migration's metadata.
    static func check(
        _ target: borrowing PostgresConnection, tables: [Table], unfinished: [QualifiedName], uuid: String
    ) throws {
        if let other = try target.otherMigration(than: uuid) {
            throw RequestRefused(
                "\(target.place) holds the metadata of another migration (\(other)); end that one first, or drop its rows in "
                    + "schema ybvoyager_metadata if its export directory is lost")
        }
        let found = Dictionary(
            uniqueKeysWithValues: try target.tables(inSchemas: Array(Set(tables.map(\.name.schema)))).map {
                ($0.name, $0)
            })
        let missing = tables.map(\.name).filter { found[$0] == nil }.sorted()
        guard missing.isEmpty else {
            throw RequestRefused(
                "\(target.place) lacks \(missing.map(\.description).joined(separator: ", ")); import the schema first: "
                    + "`switchback import schema`")
        }
        for table in tables {
            let names = Set(found[table.name]?.columns.map(\.name) ?? [])
            let lacking = table.sentColumns.map(\.name).filter { !names.contains($0) }
            guard lacking.isEmpty else {
                throw RequestRefused(
                    "\(table.name) at \(target.place) lacks column \(lacking.joined(separator: ", ")); add it there first"
                )
            }
        }
        var filled: [String] = []
        for name in unfinished {
            if try target.hasChunks(migration: uuid, table: name) { continue }
            let rows = try target.query(
                "select exists (select from \(found[name]?.rowsOnly ?? name.quoted))",
                doing: "look into \(name)")
            if rows.scalar == "t" { filled.append(name.description) }
        }
        guard filled.isEmpty else {
            throw RequestRefused(
                "these tables at \(target.place) are not empty: \(filled.joined(separator: ", ")); empty them (TRUNCATE), for "
                    + "rows that are not the source's would be mixed with it")
        }
    }
}
