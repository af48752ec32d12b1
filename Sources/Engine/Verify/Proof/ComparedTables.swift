import Records

/// The steps that compare the tables of both sides: capture reads checksums on the origin, apply reads those
/// of the destination and compares. Between the two, the checksums are in the record, and the compared
/// columns in the journal.
///
/// If a verification has proved a table equal, only the rows are compared that were written since, and those
/// that it left open.
struct ComparedTables {
    let context: RoleContext
    let side: Side
    let leg: Leg
    let open: OpenCutover

    /// Key of the document with the compared tables and their columns, as they are on the origin.
    private static let key = "compared_tables"

    /// All tables except those that the operator has excluded.
    static func all(_ context: RoleContext) throws -> [Table] {
        let record = try context.record()
        return try context.journal.tables().map(\.table).filter { !record.isExcluded($0.name) }
    }

    func readOrigin(_ cutover: Cutover, _ database: any ComparedDatabase) throws -> String {
        // Their columns may have changed since the migration began. The other side reads the same ones.
        let names = Set(try Self.all(context).map(\.name))
        let tables = try database.tables().filter { names.contains($0.name) }
        let missing = names.subtracting(tables.map(\.name)).sorted()
        guard missing.isEmpty else {
            throw RequestRefused("\(side.rawValue) no longer has \(missing.listed)")
        }
        try context.journal.update([Table].self, key: Self.key, initial: tables) { $0 = tables }
        let rows = try writtenRows(cutover, tables, database)
        try context.journal.update([WrittenRows].self, key: WrittenRows.key, initial: rows) { $0 = rows }
        let proved = Set(rows.map(\.table))
        let sums = try checksums(of: tables.filter { !proved.contains($0.name) }, database)
        try open.change { $0.checksums = sums }
        return Self.words(whole: sums, rows)
    }

    /// Reads the rows that were written since their tables were proved equal.
    private func writtenRows(_ cutover: Cutover, _ tables: [Table], _ database: any ComparedDatabase) throws
        -> [WrittenRows]
    {
        guard let barrier = cutover.barriers[.first] else { return [] }
        // The application writes no more, so that nothing changes the storage after this.
        try RowProof.forgetChanged(on: side, leg: leg, context)
        let keys = try UnprovedRows(context: context, leg: leg).keys(of: tables, through: barrier.lsn) {
            try open.checkAbort()
        }
        let reader = database.rowReader(as: "cutover", meanwhile: open.checkAbort)
        return try tables.compactMap { table in
            try open.checkAbort()
            guard let keys = keys[table.name],
                try WrittenRows.areQuicker(than: table, count: keys.count, reader)
            else { return nil }
            return try WrittenRows.read(table, Array(keys), reader)
        }
    }

    func compareDestination(_ cutover: Cutover, _ database: any ComparedDatabase) throws -> String {
        let tables = try context.journal.document([Table].self, key: Self.key) ?? []
        let rows = try context.journal.document([WrittenRows].self, key: WrittenRows.key) ?? []
        let proved = Set(rows.map(\.table))
        let reader = database.rowReader(as: "cutover", meanwhile: open.checkAbort)
        var differences: [String] = []
        for table in tables where proved.contains(table.name) {
            try open.checkAbort()
            guard let left = rows.first(where: { $0.table == table.name }) else { continue }
            let right = try WrittenRows.read(table, left.rows.map(\.key), reader)
            if let words = left.difference(from: right) { differences.append(words) }
        }
        let sums = try checksums(of: tables.filter { !proved.contains($0.name) }, database)
        differences += TableChecksums.differences(cutover.checksums, sums)
        guard differences.isEmpty else {
            throw RequestRefused(
                "\(counted(differences.count, "table")) \(differences.count == 1 ? "differs" : "differ") "
                    + "between source and target: "
                    + differences.prefix(10).joined(separator: ", "))
        }
        let excluded = try context.record().excluded.map(\.table).sorted()
        return Self.words(whole: sums, rows) + ", equal"
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
        return try database.checksums(
            of: tables,
            begin: { table in
                progress.note(
                    rows.prefix(begun).reduce(0, +),
                    detail: "table \(begun + 1) of \(tables.count), \(table.name)")
                begun += 1
            }, meanwhile: open.checkAbort)
    }

    /// What is compared, in words.
    private static func words(whole sums: [QualifiedName: String], _ rows: [WrittenRows]) -> String {
        let read = sums.values.compactMap { $0.split(separator: ":").first.flatMap { Int64($0) } }
        let whole = "\(counted(sums.count, "table")), \(counted(read.reduce(0, +), "row"))"
        guard !rows.isEmpty else { return whole }
        let written = rows.map(\.rows.count).reduce(0, +)
        let proved =
            "\(counted(rows.count, "table")) proved before, \(counted(written, "row")) left to compare"
        return sums.isEmpty ? proved : "\(whole); \(proved)"
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
