import Records

/// Changes of whole transactions, folded: of every row only its last state is kept, and each table's rows are written
/// by few statements on arrays.
///
/// Folding and its order rest on this: triggers and foreign keys do not fire for our session, so that between commits
/// only unique indexes see the order of rows. Deletes are written first, then updates, then inserts; a value that one
/// update frees and another takes is the one case this does not cover, and the caller meets it row by row.
package final class ChangeWindow {
    /// What became of a change.
    package enum Taken: Equatable {
        case folded
        /// It has to be applied row by row, in order: nothing of it was taken.
        case mustGoRowByRow
    }

    enum RowKind: UInt8 {
        /// Came and went within the window.
        case nothing
        case insert
        case update
        case delete
        /// Deleted and inserted again: a delete and an insert.
        case replace
    }

    struct Row {
        var kind: RowKind
        /// The first cell of its old key: what it is found by.
        var keyCells: Int
        /// The first cell of its values, where it has any.
        var valueCells: Int
    }

    var arena = ValueArena()
    private var indexes = RelationIndexes()
    /// By the relation's place; in the order in which the relations were announced first.
    private(set) var parts: [(relation: UInt32, part: Part)] = []
    package internal(set) var changes = 0

    package init() {}

    package var bytes: Int { arena.heldBytes }

    package var isEmpty: Bool { changes == 0 }

    package func register(_ relation: UInt32, _ table: WindowTable) {
        let (place, new) = (indexes.add(relation), (relation, Part(table)))
        if place == parts.count { parts.append(new) } else { parts[place] = new }
    }

    /// What the window has of a relation; throws where it was not registered.
    func part(of relation: UInt32) throws(MalformedMessage) -> Part {
        guard let place = indexes.index(of: relation) else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        return parts[place].part
    }

    /// Changes by table, each source change counted, folded or not.
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
        // A truncate names several relations, and empties them at its place in the order.
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
        throws(MalformedMessage)
        -> Taken
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

    /// A row comes to be under the key of `values`. Where there is one already, two rows have one key: what becomes of that is
    /// for the server to say, row by row.
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
        throws(MalformedMessage)
        -> Taken
    {
        guard !part.table.keyIndexes.isEmpty else { return .mustGoRowByRow }
        _ = try cursor.byte(in: message)
        let old = try arena.takeTuple(&cursor, message, columns: part.table.columns.count)
        part.counts.deletes += 1
        return remove(old, part)
    }

    /// The row under the key of `old` goes. One that is gone already, or is another row than the one meant, is named row by row.
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

    /// Whether a change is of the row that the window holds under its key. Where whole old rows are sent the origin may have
    /// several under what is a key on the destination, if only until its commit.
    private func isMeant(_ old: Int, _ row: Row, _ table: WindowTable) -> Bool {
        !table.comparesOldRows || arena.agree(old, row.valueCells, columns: table.columns.count)
    }

    private func takeUpdate(_ cursor: inout MessageCursor, _ message: RawSpan, _ part: Part)
        throws(MalformedMessage)
        -> Taken
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
            // An unchanged large value may stand in the key's own columns only where the key did not change.
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
        // The row is not there any more, which is named row by row.
        case .nothing, .delete: return .mustGoRowByRow
        }
        return .folded
    }

    /// An update that changes the key: a delete and an insert, where all values are known.
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

    /// Whether the row's values leave columns out.
    func hasUnchanged(_ row: Row, _ table: WindowTable) -> Bool {
        for column in table.columns.indices where arena[row.valueCells + column].isUnchanged {
            return true
        }
        return false
    }

    /// Of the columns an update may set, those it sent.
    func sentColumns(_ row: Row, _ table: WindowTable) -> [Int] {
        table.settableIndexes.filter { !arena[row.valueCells + $0].isUnchanged }
    }

    /// What an update did not send is what the row had before.
    private func fill(_ new: Int, from earlier: Int, _ part: Part) {
        for index in 0..<part.table.columns.count where arena[new + index].isUnchanged {
            arena[new + index] = arena[earlier + index]
        }
    }
}
