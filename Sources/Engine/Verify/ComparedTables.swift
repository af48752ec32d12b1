import Records

/// The steps that compare the tables of both sides: capture reads checksums on the origin, apply reads those
/// of the destination and compares. Between the two, the checksums are in the record, and the compared
/// columns in the journal.
struct ComparedTables {
    let context: RoleContext
    let side: Side
    let open: OpenCutover

    /// Key of the document with the compared tables and their columns, as they are on the origin.
    private static let key = "compared_tables"

    /// All tables except those that the operator has excluded.
    static func all(_ context: RoleContext) throws -> [Table] {
        let record = try context.record()
        return try context.journal.tables().map(\.table).filter { !record.isExcluded($0.name) }
    }

    func readOrigin(_ database: any ComparedDatabase) throws -> String {
        // Their columns may have changed since the migration began. The other side reads the same ones.
        let names = Set(try Self.all(context).map(\.name))
        let tables = try database.tables().filter { names.contains($0.name) }
        let missing = names.subtracting(tables.map(\.name)).sorted()
        guard missing.isEmpty else {
            throw RequestRefused("\(side.rawValue) no longer has \(missing.listed)")
        }
        try context.journal.update([Table].self, key: Self.key, initial: tables) { $0 = tables }
        let sums = try checksums(of: tables, database)
        try open.change { $0.checksums = sums }
        return counted(sums.count, "table")
    }

    func compareDestination(_ cutover: Cutover, _ database: any ComparedDatabase) throws -> String {
        let tables = try context.journal.document([Table].self, key: Self.key) ?? []
        let sums = try checksums(of: tables, database)
        let differences = TableChecksums.differences(cutover.checksums, sums)
        guard differences.isEmpty else {
            throw RequestRefused(
                "\(counted(differences.count, "table")) \(differences.count == 1 ? "differs" : "differ") "
                    + "between source and target: "
                    + differences.prefix(10).joined(separator: ", "))
        }
        let rows = sums.values.compactMap { $0.split(separator: ":").first.flatMap { Int64($0) } }.reduce(
            0, +)
        let excluded = try context.record().excluded.map(\.table).sorted()
        return "\(counted(sums.count, "table")) equal, \(counted(rows, "row"))"
            + (excluded.isEmpty ? "" : "; excluded by the operator: \(excluded.listed)")
    }

    /// Reads the checksums, and publishes how many of the rows are read, as the statistics estimate them.
    private func checksums(of tables: [Table], _ database: any ComparedDatabase) throws
        -> [QualifiedName: String]
    {
        let rows = tables.map { max(0, $0.rowsEstimate) }
        let progress = ProgressWriter(
            context.exportDirectory, .verification, on: side, .rows, of: rows.reduce(0, +))
        var begun = 0
        return try database.checksums(of: tables) {
            try open.checkAbort()
            guard begun < tables.count else { return }
            progress.note(
                rows[..<begun].reduce(0, +),
                detail: "table \(begun + 1) of \(tables.count), \(tables[begun].name)")
            begun += 1
        }
    }

    /// Throws if a table has got a partition on this side whose changes no stream carries. It is checked
    /// after the fence, because the monitor of the catalog checks every few seconds only.
    ///
    /// - Parameter found: the tables of the schemas, as the catalog has them now
    static func refuseUnstreamedParts(_ context: RoleContext, _ side: Side, _ found: [Table]) throws {
        let names = Set(try all(context).map(\.name))
        let tables = found.filter { names.contains($0.name) }
        let refusals = TableChoice.refusals(of: tables, excluded: try context.record().excludedTableGlobs)
        if let error = TableChoice.error(refusals, on: side) { throw error }
    }
}
