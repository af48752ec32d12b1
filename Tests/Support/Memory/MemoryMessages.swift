import Engine
import Records

/// The messages by which a memory server's stream tells a transaction, in the form that the log has.
struct MemoryMessages {
    /// The type of every column: PostgreSQL's `text`, so that the log's types mean the same on every kind.
    static let textOID: UInt32 = 25

    private let tables: [Table]
    /// The tables that this stream has described.
    private var described: Set<QualifiedName> = []

    init(_ tables: [Table]) { self.tables = tables }

    private func number(_ name: QualifiedName) -> UInt32 {
        UInt32(16_384 + (tables.firstIndex { $0.name == name } ?? 0))
    }

    /// Returns the messages of a transaction, with descriptions of the tables that are new to the stream.
    mutating func messages(of transaction: MemoryTransaction) -> [[UInt8]] {
        let (position, time) = (transaction.position.number, transaction.microseconds)
        var messages = [StreamMessage.begin(position, time: time, transaction: transaction.number)]
        for change in transaction.changes {
            if let name = change.table, described.insert(name).inserted { messages += [relation(name)] }
            messages.append(message(change, at: position))
        }
        return messages + [StreamMessage.commit(position, end: position + 1, time: time)]
    }

    private func relation(_ name: QualifiedName) -> [UInt8] {
        let table = tables.first { $0.name == name }
        let key = Set(table?.primaryKey ?? [])
        return StreamMessage.relation(
            number(name), name.schema.text, name.name.text,
            columns: (table?.columns ?? []).map { ($0.name.text, key.contains($0.name)) })
    }

    private func message(_ change: MemoryChange, at position: UInt64) -> [UInt8] {
        switch change {
        case .insert(let name, let row): StreamMessage.insert(number(name), row.map(value))
        case .update(let name, let key, let row):
            StreamMessage.update(number(name), old: whole(key, name), row.map(value))
        case .delete(let name, let key): StreamMessage.delete(number(name), whole(key, name))
        case .truncate(let name): StreamMessage.truncate([number(name)])
        case .message(let content):
            StreamMessage.logical(content, prefix: Barrier.prefix, lsn: position)
        }
    }

    private func value(_ text: String?) -> StreamMessage.Value { text.map { .text($0) } ?? .null }

    /// A key as a tuple: the other columns are null.
    private func whole(_ key: [String?], _ name: QualifiedName) -> [StreamMessage.Value] {
        guard let table = tables.first(where: { $0.name == name }) else { return [] }
        return table.columns.map { column in
            table.primaryKey.firstIndex(of: column.name).map { value(key[$0]) } ?? .null
        }
    }
}
