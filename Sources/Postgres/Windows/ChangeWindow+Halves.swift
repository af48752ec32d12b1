import Records

/// The halves of an update that moves a row from a key of one window to a key of another. Each window takes
/// its own half, so that a row is in one of them only. The window that inserts the row counts the update.
extension ChangeWindow {
    /// Takes the first half: the row is deleted under its old key.
    package func takeDeparture(_ message: RawSpan) throws(MalformedMessage) -> Taken {
        let (part, old, _) = try tuples(message)
        guard let old, !part.table.keyIndexes.isEmpty else { return .mustGoRowByRow }
        let taken = remove(old, part)
        if taken == .folded { changes += 1 }
        return taken
    }

    /// Takes the second half: the row is inserted under its new key, if all of its values were sent.
    package func takeArrival(_ message: RawSpan) throws(MalformedMessage) -> Taken {
        let (part, _, new) = try tuples(message)
        guard !part.table.keyIndexes.isEmpty,
            !part.table.columns.indices.contains(where: { arena[new + $0].isUnchanged })
        else { return .mustGoRowByRow }
        part.counts.updates += 1
        let taken = put(new, part)
        if taken == .folded { changes += 1 }
        return taken
    }

    /// Whether the destination's table has columns of its own, so that its row must not be deleted and
    /// inserted.
    package func hasOwnColumns(_ message: RawSpan) throws(MalformedMessage) -> Bool {
        var cursor = MessageCursor(offset: 1)
        return try part(of: try cursor.uint32(in: message)).table.hasOwnColumns
    }

    private func tuples(_ message: RawSpan) throws(MalformedMessage) -> (part: Part, old: Int?, new: Int) {
        var cursor = MessageCursor()
        guard try cursor.byte(in: message) == MessageKind.update else {
            throw MalformedMessage(offset: 0, expected: "the letter of an update")
        }
        let part = try part(of: try cursor.uint32(in: message))
        let columns = part.table.columns.count
        var old: Int?
        if try cursor.byte(in: message) != TupleKind.new {
            old = try arena.takeTuple(&cursor, message, columns: columns)
            _ = try cursor.byte(in: message)
        }
        return (part, old, try arena.takeTuple(&cursor, message, columns: columns))
    }
}
