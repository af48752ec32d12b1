import Records

/// The lookup of a row without a key, by all its old values: by an index if one serves, then by cheap
/// comparisons, and by those of large values last. A value: the catalog's facts go in, SQL comes out.
///
/// Two rows may be equal in all columns, and a change is of exactly one of them: the caller takes one of the
/// rows for which the condition is true. So the condition must be true only for rows that print as the old
/// one did.
package struct RowLookup: Sendable {
    /// The form of a lookup statement: the index that finds the row, and the index columns that were NULL.
    package struct Form: Hashable, Sendable {
        /// Its position in `indexes`; nil if none serves.
        let index: Int?
        let nulls: [Int]
    }

    /// A condition in SQL, with the columns whose old values are its parameters, in order.
    package struct Condition: Sendable, Equatable {
        package let sql: String
        package let parameters: [Int]

        package init(sql: String, parameters: [Int]) {
            self.sql = sql
            self.parameters = parameters
        }
    }

    private let columns: [DestinationColumn]
    private let rows: Double
    /// The indexes that serve, the best first. Their columns are positions among the sent ones.
    let indexes: [LookupIndex]

    /// - Parameters:
    ///   - columns: the sent columns
    ///   - places: their positions among the columns of the table
    package init(_ table: DestinationTable, columns: [DestinationColumn], places: [Int]) {
        self.columns = columns
        let sent = Dictionary(zip(places, places.indices), uniquingKeysWith: { first, _ in first })
        let rows = Double(max(table.table.rowsEstimate, 1))
        self.rows = rows
        let serving = table.indexes.compactMap { Self.usable($0, sent) }
        indexes = serving.enumerated().sorted { left, right in
            let (one, other) = (
                Self.rank(left.element, columns, rows), Self.rank(right.element, columns, rows)
            )
            return one == other ? left.offset < right.offset : one > other
        }.map(\.element)
    }

    /// Whether an index finds the rows.
    package var isIndexed: Bool { !indexes.isEmpty }

    /// The column that distinguishes rows best, as far as is known, among those that an index can have; nil
    /// if there is none.
    package var columnToIndex: Identifier? {
        // Without statistics, the first one that is neither a flag nor a long text.
        func rank(_ column: DestinationColumn) -> (Double, Int) {
            (column.size.distinctValues(among: rows) ?? 0, (4...64).contains(column.size.width) ? 1 : 0)
        }
        return columns.filter {
            $0.comparison.equality != nil && $0.size.width < ValueSize.largeWidth
        }.max { rank($0) < rank($1) }?.column.name
    }

    /// Returns the form for a row: the best index without a NULL among its columns, or else the best one that
    /// finds NULL.
    package func form(isNull: (Int) -> Bool) -> Form {
        let whole = indexes.firstIndex { !$0.keys.contains { isNull($0.column) } }
        guard let index = whole ?? indexes.firstIndex(where: \.isOrdered) else {
            return Form(index: nil, nulls: [])
        }
        return Form(index: index, nulls: indexes[index].keys.map(\.column).filter(isNull))
    }

    /// Returns the condition of a form. A column may occur up to three times in it, always with the same
    /// parameter.
    package func condition(_ form: Form, firstParameter: Int) -> Condition {
        let keys = form.index.map { indexes[$0].keys } ?? []
        var parameters: [Int] = []
        func parameter(_ column: Int) -> String {
            let place = parameters.firstIndex(of: column) ?? parameters.count
            if place == parameters.count { parameters.append(column) }
            return "$\(firstParameter + place)"
        }
        func name(_ column: Int) -> String { quoteIdentifier(columns[column].column.name) }

        var clauses: [String] = []
        var compared: [Int: ColumnComparison] = [:]
        for key in keys {
            if form.nulls.contains(key.column) {
                clauses.append("\(name(key.column)) is null")
                // A composite whose fields are all NULL passes this test too, so its text is compared below.
                compared[key.column] = columns[key.column].comparison
            } else {
                let comparison = columns[key.column].comparison.by(key.equality, key.collation)
                clauses.append(comparison.equals(name(key.column), parameter(key.column)))
                compared[key.column] = comparison
            }
        }
        // The server keeps the order of comparisons of equal cost, and moves those of texts behind them.
        let rest = columns.indices.sorted {
            (columns[$0].size.width, $0) < (columns[$1].size.width, $1)
        }
        for column in rest where compared[column] == nil {
            guard columns[column].comparison.equality != nil else { continue }
            let value = parameter(column)
            let equals = columns[column].comparison.equals(name(column), value)
            clauses.append(
                columns[column].column.isNotNull
                    ? equals
                    : "(\(equals) or \(name(column)) is null and \(columns[column].comparison.cast(value)) "
                        + "is null)"
            )
        }
        for column in rest {
            let comparison = compared[column] ?? columns[column].comparison
            guard comparison.equality == nil || !comparison.isExact else { continue }
            clauses.append(comparison.printsAs(name(column), parameter(column)))
        }
        return Condition(sql: clauses.joined(separator: " and "), parameters: parameters)
    }

    // MARK: Indexes

    /// Columns of an index that are used; each of them may be NULL or not, which needs a statement of its
    /// own.
    private static let keysMax = 6

    /// Returns the part of an index that the sent columns can use: all of it, or the first columns of its
    /// key.
    private static func usable(_ index: LookupIndex, _ sent: [Int: Int]) -> LookupIndex? {
        let most = index.isOrdered ? keysMax : index.keys.count
        let keys = index.keys.prefix(most).prefix { sent[$0.column] != nil }.compactMap { key in
            sent[key.column].map {
                LookupIndex.Key(column: $0, equality: key.equality, collation: key.collation)
            }
        }
        let isWhole = keys.count == index.keys.count
        guard !keys.isEmpty, isWhole || index.isOrdered else { return nil }
        var usable = index
        usable.keys = keys
        if !isWhole { usable.isUnique = false }
        return usable
    }

    /// The usefulness of an index; its fields are compared in order, and a larger value is better.
    private struct Rank: Comparable {
        let isUnique: Bool
        let distinct: Double
        let columns: Int

        static func < (left: Rank, right: Rank) -> Bool {
            if left.isUnique != right.isUnique { return right.isUnique }
            return (left.distinct, left.columns) < (right.distinct, right.columns)
        }
    }

    /// Distinct values that are assumed for a column without statistics, as the server does
    /// (DEFAULT_NUM_DISTINCT).
    private static let distinctByDefault = 200.0

    private static func rank(_ index: LookupIndex, _ columns: [DestinationColumn], _ rows: Double) -> Rank {
        let distinct = index.keys.reduce(1.0) {
            $0 * max(columns[$1.column].size.distinctValues(among: rows) ?? distinctByDefault, 1)
        }
        return Rank(isUnique: index.isUnique, distinct: min(distinct, rows), columns: index.keys.count)
    }
}
