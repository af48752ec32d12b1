import Journal
import Records

/// A clean start of `import data to target`: it removes from the target what this migration has imported, so
/// that the import begins again.
///
/// It is legal until the first change is applied, and only if the rows are in files: rows that were copied
/// directly are nowhere else to be imported from.
struct CleanImport {
    let context: RoleContext
    let leg: Leg

    /// Returns why the import cannot begin again, and what to do; nil if it can.
    static func refusal(_ record: MigrationRecord, _ chunks: [StoredChunk]) -> String? {
        let again =
            "to migrate once more, run `switchback end migration` and begin in a new export directory"
        switch record.phase {
        case .prepare, .schema: return nil
        case .snapshot:
            guard let direct = chunks.first(where: { $0.isImported && $0.filePath == nil }) else {
                return nil
            }
            return "--start-clean true is refused: the rows of \(direct.table) were copied directly from the "
                + "source, and there is no file to import them from again; leave the flag out to continue, "
                + "or begin the export again: `switchback export data from source --start-clean true`"
        case .streaming, .cutoverToTarget:
            return "--start-clean true is refused: the snapshot is imported, and changes are applied to it; "
                + "leave the flag out to continue; \(again)"
        case .fallBack, .cutoverToSource:
            return "--start-clean true is refused: the application writes to the target; \(again)"
        case .complete, .ended:
            return "--start-clean true is refused: this migration is complete; \(again)"
        }
    }

    /// Clears the tables. Returns false, and does nothing, while the list of tables does not exist yet.
    ///
    /// The journal forgets first. If the process dies in between, chunks that the target still has are found
    /// there by their notes, and are not imported twice.
    func perform() throws -> Bool {
        let tables = try context.journal.tables().map(\.table)
        guard !tables.isEmpty else { return false }
        let record = try context.record()
        if let refusal = Self.refusal(record, try context.journal.chunks()) { throw RequestRefused(refusal) }
        let target = try context.destination(of: leg).startFilling()
        try target.createMetadata()
        if let error = try TargetTables.otherMigration(target) { throw error }
        try target.suppressTriggers(on: tables.map(\.name))
        let schemas = Set(tables.map(\.name.schema)).map(\.text)
        let found = try target.tables(inSchemas: schemas).filter { table in
            tables.contains { $0.name == table.name }
        }
        var cleared = try found.map(\.name).filter(target.hasChunks)
        if context.options.truncatesTables {
            cleared += try target.tablesFilledByOthers(among: found)
        }
        try context.journal.forgetImport()
        for table in cleared {
            try context.stop.check()
            try target.clear(table)
        }
        let sentence =
            cleared.isEmpty
            ? "clean start: there was nothing to remove at \(target.place)"
            : "clean start: the rows of \(cleared.listed(max: 20)) at \(target.place) are removed"
        context.log(.info, "import", sentence)
        context.announce(sentence)
        return true
    }
}

extension Migration {
    /// Returns why `import data to target --start-clean true` cannot be done now, and what to do; nil if it
    /// can.
    package func refusalOfCleanImport() throws -> String? {
        if let refusal = CleanImport.refusal(try record(), try journal.chunks()) { return refusal }
        guard let process = RoleLock.holder(exportDirectory, .apply) else { return nil }
        return "--start-clean true is refused: the import runs in process \(process); stop that process first"
    }

    /// Returns the number of rows that are imported so far.
    package func importedRows() throws -> Int64 {
        try journal.tables().reduce(0) { $0 + $1.importedRows }
    }
}
