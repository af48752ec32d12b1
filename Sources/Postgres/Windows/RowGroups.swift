/// The rows of one table in a window, by the statement that writes them.
struct RowGroups {
    private(set) var deletes: [Int] = []
    private(set) var inserts: [Int] = []
    /// Updates of rows whose values are all known.
    private(set) var updates: [Int] = []
    /// Updates that left columns out, by the columns they set.
    private(set) var partialUpdates: [[Int]: [Int]] = [:]

    /// - Parameter splits: unique values move between the table's rows, so that updates are written as a delete and an insert
    init(_ part: ChangeWindow.Part, of window: ChangeWindow, splits: Bool) {
        let splits = splits && !part.table.hasOwnColumns && !part.table.hasAlwaysIdentity
        for (index, row) in part.rows.enumerated() {
            switch row.kind {
            case .nothing: break
            case .insert: inserts.append(index)
            case .delete: deletes.append(index)
            case .replace:
                deletes.append(index)
                inserts.append(index)
            case .update:
                let isWhole = !window.hasUnchanged(row, part.table)
                if splits, isWhole {
                    deletes.append(index)
                    inserts.append(index)
                } else if isWhole {
                    updates.append(index)
                } else {
                    partialUpdates[window.sentColumns(row, part.table), default: []].append(index)
                }
            }
        }
    }
}
