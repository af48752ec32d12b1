import Records

/// A table whose changes are folded: the columns of the stream, matched with those of the destination.
package struct WindowTable: Sendable {
    /// The table as SQL, for inserts.
    package let insertTarget: String
    /// The table as SQL, for updates and deletes.
    package let rowsTarget: String
    /// The table's name in counts and messages.
    package let label: QualifiedName
    package let columns: [DestinationColumn]
    /// Indexes of the sent columns that distinguish rows; if empty, nothing folds.
    package let keyIndexes: [Int]
    /// The comparisons of the key's columns.
    let keyComparisons: [ColumnComparison]
    package let hasAlwaysIdentity: Bool
    package let alwaysIndexes: Set<Int>
    /// Whether a column outside the key takes no value from an update: whether an update changes it is not
    /// visible.
    let hasAlwaysBesideKey: Bool
    /// Whether the destination guarantees one row for each key; if not, the statements count the keys that
    /// met a row.
    let isKeyUnique: Bool
    /// Whether changes carry their whole old row; the origin may have several rows under one key then.
    let comparesOldRows: Bool
    /// Whether the destination has columns of its own; a delete and an insert instead of an update would
    /// reset them.
    package let hasOwnColumns: Bool
    /// The columns that a whole update sets. An update of the key is written as a delete and an insert, so
    /// the key's columns are set only if there are no others.
    let settableIndexes: [Int]
    /// The element types of the columns' arrays.
    let elementTypes: [ElementType]

    package init(
        insertTarget: String, rowsTarget: String, label: QualifiedName, columns: [DestinationColumn],
        keyIndexes: [Int], keyComparisons: [ColumnComparison], alwaysIndexes: Set<Int>,
        isKeyUnique: Bool = true, comparesOldRows: Bool = false,
        hasOwnColumns: Bool = false
    ) {
        self.insertTarget = insertTarget
        self.rowsTarget = rowsTarget
        self.label = label
        self.columns = columns
        self.keyIndexes = keyIndexes
        self.keyComparisons = keyComparisons
        self.alwaysIndexes = alwaysIndexes
        hasAlwaysIdentity = !alwaysIndexes.isEmpty
        hasAlwaysBesideKey = !alwaysIndexes.isSubset(of: keyIndexes)
        self.isKeyUnique = isKeyUnique
        self.comparesOldRows = comparesOldRows
        self.hasOwnColumns = hasOwnColumns
        elementTypes = columns.map { ElementType(columnType: $0.column.typeName) }
        let settable = columns.indices.filter { !alwaysIndexes.contains($0) }
        let beside = settable.filter { !keyIndexes.contains($0) }
        settableIndexes = beside.isEmpty ? settable : beside
    }
}
