import Records

/// The results of the catalog queries for columns, indexes and statistics, put together by table.
struct LookupRows {
    /// The rows of one table.
    private struct Part {
        /// The columns, in the order of their numbers.
        var comparisons:
            [(number: String, comparison: ColumnComparison, fixedLength: Int, mayBeLarge: Bool)] =
                []
        var statistics: [String: ValueSize.Statistics] = [:]
        var indexes: [(oid: String, rows: [[String?]])] = []
    }

    private var parts: [QualifiedName: Part] = [:]

    init(columns: ResultSet, indexes: ResultSet, statistics: ResultSet) {
        for row in columns.rows {
            let equality = Self.equality(row[5], row[6])
            let comparison = ColumnComparison(
                castType: row[3] ?? "", isDomain: row[4] == "t", equality: equality, isExact: row[7] == "t")
            parts[Self.name(row), default: Part()].comparisons.append(
                (row[2] ?? "", comparison, row[8].flatMap { Int($0) } ?? -1, row[9] == "t"))
        }
        for row in indexes.rows {
            let name = Self.name(row)
            let oid = row[2] ?? ""
            if parts[name]?.indexes.last?.oid != oid { parts[name]?.indexes.append((oid, [])) }
            guard let last = parts[name]?.indexes.indices.last else { continue }
            parts[name]?.indexes[last].rows.append(row)
        }
        for row in statistics.rows {
            parts[Self.name(row)]?.statistics[row[2] ?? ""] = ValueSize.Statistics(
                averageWidth: row[3].flatMap { Int($0) } ?? 0,
                distinct: row[4].flatMap { Double($0) } ?? 0, isTooWide: row[5] == "t")
        }
    }

    /// Returns the tables with their columns and indexes.
    func put(on tables: [Table]) -> [DestinationTable] {
        tables.map { table in
            let part = parts[table.name] ?? Part()
            let columns = zip(table.columns, part.comparisons).map { column, known in
                DestinationColumn(
                    column: column, comparison: known.comparison,
                    size: ValueSize(
                        fixedLength: known.fixedLength, mayBeLarge: known.mayBeLarge,
                        statistics: part.statistics[known.number]))
            }
            let places = Dictionary(
                uniqueKeysWithValues: part.comparisons.enumerated().map { ($1.number, $0) })
            let indexes = part.indexes.compactMap { Self.index($0.rows, places) }
            return DestinationTable(table: table, columns: columns, indexes: indexes)
        }
    }

    private static func index(_ rows: [[String?]], _ places: [String: Int]) -> LookupIndex? {
        guard let first = rows.first else { return nil }
        let keys: [LookupIndex.Key] = rows.compactMap { row in
            guard let place = row[3].flatMap({ places[$0] }), let equality = equality(row[8], row[9]) else {
                return nil
            }
            let collation = row[10].map { QualifiedName(schema: $0, name: row[11] ?? "") }
            return LookupIndex.Key(column: place, equality: equality, collation: collation)
        }
        guard keys.count == rows.count else { return nil }
        return LookupIndex(
            keys: keys, isUnique: first[4] == "t", isPrimaryKey: first[5] == "t",
            isReplicaIdentity: first[6] == "t", isOrdered: first[7] == "t")
    }

    private static func name(_ row: [String?]) -> QualifiedName {
        QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
    }

    private static func equality(_ schema: String?, _ name: String?) -> EqualityOperator? {
        guard let schema, let name else { return nil }
        return EqualityOperator(schema: schema, name: name)
    }
}
