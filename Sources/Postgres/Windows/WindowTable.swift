import Records

/// How a table's changes are folded and written: what the relation sends, matched with the destination.
package struct WindowTable: Sendable {
    /// The destination as SQL: where rows are inserted, and where they are found.
    package let insertTarget: String
    package let rowsTarget: String
    /// The table in counts and messages.
    package let label: QualifiedName
    package let columns: [DestinationColumn]
    /// Indexes of the sent columns that tell rows apart; empty where nothing does, and then nothing folds.
    package let keyIndexes: [Int]
    /// How the key's columns are compared.
    let keyComparisons: [ColumnComparison]
    package let hasAlwaysIdentity: Bool
    package let alwaysIndexes: Set<Int>
    /// A column that takes no value from an update is none of the key's: whether an update changes it is not seen.
    let hasAlwaysBesideKey: Bool
    /// The destination is known to have one row a key; else each key has to be seen to meet just one.
    let isKeyUnique: Bool
    /// Changes name their whole old row, of which the origin may have several under one key.
    let comparesOldRows: Bool
    /// The destination has columns of its own, which a delete and an insert in the place of an update would reset.
    package let hasOwnColumns: Bool
    /// What an update that sent every column sets. An update by which the key moves is none, so that the key's own columns
    /// are set only where there are no others.
    let settableIndexes: [Int]
    /// What the columns' values travel as.
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
