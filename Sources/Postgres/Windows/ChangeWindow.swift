import Records

/// A window of changes: whole transactions, folded to the last state of each row. A few statements on arrays
/// write the rows of each table.
///
/// Folding is correct because triggers and foreign keys do not fire for our session: between commits only
/// unique indexes depend on the order of rows. Deletes are written first, then updates, then inserts. The one
/// case that this does not cover is a unique value that one update frees and another takes. The server
/// refuses it, and it is applied row by row.
package final class ChangeWindow {
    /// The result of taking a change.
    package enum Taken: Equatable {
        case folded
        /// The change has to be applied row by row, in order; nothing of it was taken.
        case mustGoRowByRow
    }

    /// The effect of the window on a row.
    enum RowKind: UInt8 {
        /// Inserted and deleted within the window.
        case nothing
        case insert
        case update
        case delete
        /// Deleted and inserted again.
        case replace
    }

    /// The last state of a row.
    struct Row {
        var kind: RowKind
        /// The first cell of the tuple with its old key.
        var keyCells: Int
        /// The first cell of the tuple with its values; -1 without values.
        var valueCells: Int
    }

    var arena = ValueArena()
    private var indexes = RelationIndexes()
    /// The relations in the order of their first registration; `indexes` has the position of each.
    private(set) var parts: [(relation: UInt32, part: Part)] = []
    package internal(set) var changes = 0

    package init() {}

    package var bytes: Int { arena.usedBytes }

    package var isEmpty: Bool { changes == 0 }

    package func register(_ relation: UInt32, _ table: WindowTable) {
        let (place, new) = (indexes.add(relation), (relation, Part(table)))
        if place == parts.count { parts.append(new) } else { parts[place] = new }
    }

    /// Returns the rows of a relation; throws if it was not registered.
    func part(of relation: UInt32) throws(MalformedMessage) -> Part {
        guard let place = indexes.index(of: relation) else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        return parts[place].part
    }

    /// The number of source changes by table, folded or not.
    package var counts: [QualifiedName: ChangeCounts] {
        var counts: [QualifiedName: ChangeCounts] = [:]
        for (_, part) in parts where part.counts.total > 0 {
            counts[part.table.label, default: .zero] += part.counts
        }
        return counts
    }

    package func removeAll() {
        arena.removeAll()
        for (_, part) in parts { part.reset() }
        changes = 0
    }

    /// Takes an insert, update or delete. The relation was registered before.
    package func take(_ message: RawSpan) throws(MalformedMessage) -> Taken {
        var cursor = MessageCursor()
        let letter = try cursor.byte(in: message)
        // A truncate empties several relations, at its place in the order of changes.
        if letter == MessageKind.truncate { return .mustGoRowByRow }
        let relation = try cursor.uint32(in: message)
        let part = try part(of: relation)
        let taken: Taken
        switch letter {
        case MessageKind.insert: taken = try takeInsert(&cursor, message, part)
        case MessageKind.update: taken = try takeUpdate(&cursor, message, part)
        case MessageKind.delete: taken = try takeDelete(&cursor, message, part)
        default: throw MalformedMessage(offset: 0, expected: "the letter of a change")
        }
        if taken == .folded { changes += 1 }
        return taken
    }

    private func takeInsert(_ cursor: inout MessageCursor, _ message: RawSpan, _ part: Part)
        throws(MalformedMessage) -> Taken
    {
        _ = try cursor.byte(in: message)
        let values = try arena.takeTuple(&cursor, message, columns: part.table.columns.count)
        part.counts.inserts += 1
        guard !part.table.keyIndexes.isEmpty else {
            part.rows.append(Row(kind: .insert, keyCells: values, valueCells: values))
            return .folded
        }
        return put(values, part)
    }

    /// Puts a row under the key of `values`. If there is one already, two rows have one key: the server
    /// decides about that, row by row.
    func put(_ values: Int, _ part: Part) -> Taken {
        let (row, slot) = part.find(values, arena)
        guard let row else {
            part.add(Row(kind: .insert, keyCells: values, valueCells: values), slot: slot)
            return .folded
        }
        switch part.rows[row].kind {
        case .nothing: part.rows[row].kind = .insert
        case .delete: part.rows[row].kind = .replace
        case .insert, .update, .replace: return .mustGoRowByRow
        }
        part.rows[row].valueCells = values
        return .folded
    }

    private func takeDelete(_ cursor: inout MessageCursor, _ message: RawSpan, _ part: Part)
        throws(MalformedMessage) -> Taken
    {
        guard !part.table.keyIndexes.isEmpty else { return .mustGoRowByRow }
        _ = try cursor.byte(in: message)
        let old = try arena.takeTuple(&cursor, message, columns: part.table.columns.count)
        part.counts.deletes += 1
        return remove(old, part)
    }

    /// Removes the row under the key of `old`. If it is not there, or is another row, the error has to show
    /// row by row.
    func remove(_ old: Int, _ part: Part) -> Taken {
        let (row, slot) = part.find(old, arena)
        guard let row else {
            part.add(Row(kind: .delete, keyCells: old, valueCells: -1), slot: slot)
            return .folded
        }
        switch part.rows[row].kind {
        case .nothing, .delete: return .mustGoRowByRow
        case .insert, .update, .replace:
            guard isMeant(old, part.rows[row], part.table) else { return .mustGoRowByRow }
            part.rows[row].kind = part.rows[row].kind == .insert ? .nothing : .delete
        }
        return .folded
    }

    /// Whether a change is of the row that the window has under its key. If whole old rows are sent, the
    /// origin may have several rows under a key of the destination, if only until its commit.
    private func isMeant(_ old: Int, _ row: Row, _ table: WindowTable) -> Bool {
        !table.comparesOldRows || arena.agree(old, row.valueCells, columns: table.columns.count)
    }

    private func takeUpdate(_ cursor: inout MessageCursor, _ message: RawSpan, _ part: Part)
        throws(MalformedMessage) -> Taken
    {
        guard !part.table.keyIndexes.isEmpty, !part.table.hasAlwaysBesideKey else { return .mustGoRowByRow }
        let letter = try cursor.byte(in: message)
        var old: Int?
        if letter != TupleKind.new {
            old = try arena.takeTuple(&cursor, message, columns: part.table.columns.count)
            _ = try cursor.byte(in: message)
        }
        let new = try arena.takeTuple(&cursor, message, columns: part.table.columns.count)
        if let old, !arena.equal(old, new, part.table.keyIndexes) {
            // An unchanged large value may be in a key column only if the key did not change.
            if part.table.keyIndexes.contains(where: { arena[new + $0].isUnchanged }) {
                return .mustGoRowByRow
            }
            return takeMove(from: old, to: new, part)
        }
        if old == nil, part.table.keyIndexes.contains(where: { arena[new + $0].isUnchanged }) {
            return .mustGoRowByRow
        }
        part.counts.updates += 1
        let (row, slot) = part.find(new, arena)
        guard let row else {
            part.add(Row(kind: .update, keyCells: new, valueCells: new), slot: slot)
            return .folded
        }
        switch part.rows[row].kind {
        case .insert, .update, .replace:
            if let old, !isMeant(old, part.rows[row], part.table) { return .mustGoRowByRow }
            fill(new, from: part.rows[row].valueCells, part)
            part.rows[row].valueCells = new
        // The row is deleted already; the error has to show row by row.
        case .nothing, .delete: return .mustGoRowByRow
        }
        return .folded
    }

    /// Takes an update that changes the key as a delete and an insert, if all values are known.
    private func takeMove(from old: Int, to new: Int, _ part: Part) -> Taken {
        guard !part.table.hasOwnColumns else { return .mustGoRowByRow }
        let (row, _) = part.find(old, arena)
        if let row, part.rows[row].kind != .nothing, part.rows[row].kind != .delete {
            fill(new, from: part.rows[row].valueCells, part)
        }
        guard !(0..<part.table.columns.count).contains(where: { arena[new + $0].isUnchanged }) else {
            return .mustGoRowByRow
        }
        part.counts.updates += 1
        let left = remove(old, part)
        return left == .folded ? put(new, part) : left
    }

    /// Whether the row has columns that were not sent.
    func hasUnchanged(_ row: Row, _ table: WindowTable) -> Bool {
        for column in table.columns.indices where arena[row.valueCells + column].isUnchanged {
            return true
        }
        return false
    }

    /// Returns the columns that were sent, among those that an update may set.
    func sentColumns(_ row: Row, _ table: WindowTable) -> [Int] {
        table.settableIndexes.filter { !arena[row.valueCells + $0].isUnchanged }
    }

    /// Fills the columns that an update did not send with the values that the row had before.
    private func fill(_ new: Int, from earlier: Int, _ part: Part) {
        for index in 0..<part.table.columns.count where arena[new + index].isUnchanged {
            arena[new + index] = arena[earlier + index]
        }
    }
}
