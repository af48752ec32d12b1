import Records

extension ChangeWindow {
    /// What a window holds of one table, each row once, found by its key.
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

        /// The row of a key, or where it belongs.
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
