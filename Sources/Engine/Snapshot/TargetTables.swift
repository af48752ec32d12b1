import Records

/// The check whether a database can take the copy.
package enum TargetTables {
    /// Throws if the database cannot take the copy: tables or columns are missing, tables have rows of
    /// others, the metadata is of another migration, or a crash of the server would empty a table.
    ///
    /// - Parameter excluded: the operator's list of tables to exclude
    static func check(
        _ target: any FillStartSession, tables: [Table], unfinished: [QualifiedName], excluded: [String]
    ) throws {
        if let error = try otherMigration(target) { throw error }
        let found = Dictionary(
            uniqueKeysWithValues: try target.tables(inSchemas: Set(tables.map(\.name.schema)).map(\.text)).map
            {
                ($0.name, $0)
            })
        let missing = tables.map(\.name).filter { found[$0] == nil }.sorted()
        // A crash of the server empties an unlogged table, and the changes that were applied to it are not
        // sent again.
        let unlogged = try missing.isEmpty ? [] : target.unloggedTables(among: missing)
        guard unlogged.isEmpty else {
            throw RequestRefused(
                "these tables at \(target.place) are unlogged: \(unlogged.listed(max: 5)); "
                    + unlogged.map { "alter table \($0.quoted) set logged" }.joined(separator: "; "))
        }
        let parts = TableChoice.refusals(of: tables.compactMap { found[$0.name] }, excluded: excluded)
        if let error = TableChoice.error(parts, on: .target) { throw error }
        guard missing.isEmpty else {
            throw RequestRefused(
                "\(target.place) lacks \(missing.listed); import the schema first: `switchback import "
                    + "schema`")
        }
        for table in tables {
            let names = Set(found[table.name]?.columns.map(\.name) ?? [])
            let lacking = table.sentColumns.map(\.name).filter { !names.contains($0) }
            guard lacking.isEmpty else {
                throw RequestRefused(
                    "\(table.name) at \(target.place) lacks column \(lacking.listed); add it there first"
                )
            }
        }
        let filled = try target.tablesFilledByOthers(among: unfinished.compactMap { found[$0] })
        guard filled.isEmpty else {
            throw RequestRefused(
                "these tables at \(target.place) are not empty: "
                    + "\(filled.map(\.description).joined(separator: ", ")); empty them (TRUNCATE), or let "
                    + "`switchback import data to target --start-clean true --truncate-tables true` do it: "
                    + "rows that are not the source's would be mixed with its rows"
            )
        }
    }

    /// Returns the refusal of a database that another migration uses.
    static func otherMigration(_ target: any FillStartSession) throws -> RequestRefused? {
        try target.otherMigration().map {
            RequestRefused(
                "\(target.place) contains the metadata of another migration (\($0)); end that one first, "
                    + "or drop its rows in schema ybvoyager_metadata if its export directory is lost")
        }
    }
}
