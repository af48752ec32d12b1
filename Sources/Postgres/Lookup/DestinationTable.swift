import Records

/// A column of the destination, with its comparison and the size of its values.
package struct DestinationColumn: Sendable {
    package let column: Column
    package let comparison: ColumnComparison
    package let size: ValueSize

    package init(column: Column, comparison: ColumnComparison, size: ValueSize = .fixed(4)) {
        self.column = column
        self.comparison = comparison
        self.size = size
    }
}

/// An index by which rows can be found: whole, valid, and of plain columns.
package struct LookupIndex: Sendable, Equatable {
    /// A column of an index, with the operator and collation by which it finds rows.
    package struct Key: Sendable, Equatable {
        /// The column's position among those of the table.
        package let column: Int
        package let equality: EqualityOperator
        package let collation: QualifiedName?

        package init(column: Int, equality: EqualityOperator, collation: QualifiedName? = nil) {
            self.column = column
            self.equality = equality
            self.collation = collation
        }
    }

    package var keys: [Key]
    /// Whether the second of two rows with equal keys is refused at once.
    package var isUnique: Bool
    package let isPrimaryKey: Bool
    package let isReplicaIdentity: Bool
    /// Whether it finds rows whose key is NULL, and rows by the first columns of its key.
    package let isOrdered: Bool

    package init(
        keys: [Key], isUnique: Bool = false, isPrimaryKey: Bool = false, isReplicaIdentity: Bool = false,
        isOrdered: Bool = true
    ) {
        self.keys = keys
        self.isUnique = isUnique
        self.isPrimaryKey = isPrimaryKey
        self.isReplicaIdentity = isReplicaIdentity
        self.isOrdered = isOrdered
    }
}

/// A table of the destination, with the indexes that find its rows.
package struct DestinationTable: Sendable {
    package let table: Table
    /// The columns, in the table's order.
    package let columns: [DestinationColumn]
    package let indexes: [LookupIndex]

    package init(table: Table, columns: [DestinationColumn], indexes: [LookupIndex] = []) {
        self.table = table
        self.columns = columns
        self.indexes = indexes
    }

    /// Whether an index finds rows by a key, or by a part of it; also true if the table lacks a column of the
    /// key.
    package func hasIndex(on key: [Identifier]) -> Bool {
        let places = key.compactMap { name in columns.firstIndex { $0.column.name == name } }
        guard places.count == key.count else { return true }
        return indexes.contains { index in
            let found = index.keys.prefix { places.contains($0.column) }.count
            return found == index.keys.count || found > 0 && index.isOrdered
        }
    }

    /// Returns the comparisons that find a row by a key: those of the index that serves.
    ///
    /// - Parameter key: the positions of its columns
    package func keyComparisons(_ key: [Int]) -> [ColumnComparison] {
        let serving = indexes.filter { $0.keys.allSatisfy { key.contains($0.column) } }
        let index =
            serving.first(where: \.isPrimaryKey) ?? serving.first(where: \.isReplicaIdentity)
            ?? serving.first(where: \.isUnique) ?? serving.max { $0.keys.count < $1.keys.count }
        return key.map { place in
            let comparison = columns[place].comparison
            guard let part = index?.keys.first(where: { $0.column == place }) else { return comparison }
            return comparison.by(part.equality, part.collation)
        }
    }
}

extension PostgresConnection {
    /// Returns the tables that can be written to, as of one moment. Runs a transaction, which stays open if
    /// it throws.
    package func destinationTables(inSchemas schemas: [String]) throws(PostgresError) -> [DestinationTable] {
        try execute("begin isolation level repeatable read read only", doing: "list the tables")
        let tables = try tables(inSchemas: schemas)
        let parameters = [Self.textArray(schemas)]
        let columns = try query(
            file: PackageResources.list_comparisons_sql, parameters, doing: "list the columns' types")
        let indexes = try query(
            file: PackageResources.list_lookup_indexes_sql, parameters, doing: "list the indexes")
        let statistics = try query(
            file: PackageResources.list_statistics_sql, parameters, doing: "read the columns' statistics")
        try execute("commit", doing: "list the tables")
        return LookupRows(columns: columns, indexes: indexes, statistics: statistics).put(on: tables)
    }
}
