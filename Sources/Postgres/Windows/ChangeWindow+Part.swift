import Records

extension ChangeWindow {
    /// The rows of one table in a window, each once, with a hash table that finds them by key.
    final class Part {
        let table: WindowTable
        var rows: [Row] = []
        var counts = ChangeCounts.zero
        private var slots: [Int32] = []

        init(_ table: WindowTable) { self.table = table }

        func reset() {
            rows.removeAll(keepingCapacity: true)
            counts = .zero
            for index in slots.indices { slots[index] = -1 }
        }

        /// Returns the row of a key, or the slot of the hash table for it.
        func find(_ first: Int, _ arena: borrowing ValueArena) -> (row: Int?, slot: Int) {
            if slots.count < (rows.count + 1) * 2 { grow(arena) }
            var slot = Int(truncatingIfNeeded: arena.hash(first, table.keyIndexes) >> 7) & (slots.count - 1)
            while slots[slot] >= 0 {
                let row = Int(slots[slot])
                if arena.equal(rows[row].keyCells, first, table.keyIndexes) { return (row, slot) }
                slot = (slot + 1) & (slots.count - 1)
            }
            return (nil, slot)
        }

        func add(_ row: Row, slot: Int) {
            slots[slot] = Int32(truncatingIfNeeded: rows.count)
            rows.append(row)
        }

        private func grow(_ arena: borrowing ValueArena) {
            slots = [Int32](repeating: -1, count: max(1024, slots.count * 2))
            for index in rows.indices {
                var slot =
                    Int(truncatingIfNeeded: arena.hash(rows[index].keyCells, table.keyIndexes) >> 7)
                    & (slots.count - 1)
                while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
                slots[slot] = Int32(truncatingIfNeeded: index)
            }
        }
    }
}

/// The rows of one table in a window, by the statement that writes them.
struct RowGroups {
    private(set) var deletes: [Int] = []
    private(set) var inserts: [Int] = []
    /// Updates of rows whose values are all known.
    private(set) var updates: [Int] = []
    /// Updates that left columns out, by the columns they set.
    private(set) var partialUpdates: [[Int]: [Int]] = [:]

    /// - Parameter splits: unique values move between the table's rows, so that updates are written as a
    ///   delete and an insert
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
