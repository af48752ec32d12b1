import Records

/// The keys of the rows that a stretch of the log changes, by table. A value: messages of the log in, keys
/// out.
///
/// Of a transaction that is void in the log the keys are kept, too: they are a few more to compare.
struct ChangedKeys {
    /// Greatest number of keys that are remembered. Beyond it, a table with further changes is unknown.
    static let keysMax = 50_000

    private struct Tracked {
        /// Changes of transactions that commit at or below it do not count.
        let after: LogPosition
        let keyNames: [Identifier]
        var keys: Set<RowKey> = []
        /// Whether rows have changed that no key tells.
        var isUnknown = false
    }

    private var tables: [QualifiedName: Tracked] = [:]
    /// The table, and where its key's values are in a tuple; nil if the table is not tracked.
    private var relations: [UInt32: (table: QualifiedName, columns: [Int])?] = [:]
    private var rootOfLeaf: [QualifiedName: QualifiedName] = [:]
    private var position = LogPosition.zero
    private var count = 0

    /// - Parameter proved: each table with the position up to which it is proved
    init(_ proved: [(table: VerifiedTable, after: LogPosition)]) {
        for (table, after) in proved {
            tables[table.table.name] = Tracked(after: after, keyNames: table.keyColumns.map(\.name))
            for leaf in table.table.leaves { rootOfLeaf[leaf] = table.table.name }
        }
    }

    /// The keys by table, without the tables of which some are unknown.
    var keys: [QualifiedName: Set<RowKey>] { tables.filter { !$1.isUnknown }.mapValues(\.keys) }

    /// Takes a message of the log. Returns the position of the commit, if it is one.
    mutating func take(_ message: RawSpan) throws -> LogPosition? {
        switch try ChangeMessage.decode(message) {
        case .begin(let finalLSN, _, _): position = finalLSN
        case .commit(let commitLSN, _, _): return commitLSN
        case .relation(let relation): announce(relation)
        case .insert(let id, let new): try add([new], id, message)
        case .update(let id, let old, _, let new):
            // The old key is sent if it differs from the new one.
            try add((old.map { [$0] } ?? []) + [new], id, message)
        case .delete(let id, let old, _): try add([old], id, message)
        case .truncate(let ids, _): for id in ids { forget(id) }
        case .origin, .type, .message: break
        }
        return nil
    }

    private mutating func announce(_ relation: RelationMessage) {
        let name = tables[relation.name] == nil ? rootOfLeaf[relation.name] : relation.name
        guard let name, let tracked = tables[name] else { return relations[relation.id] = .some(nil) }
        let columns = tracked.keyNames.compactMap { key in
            relation.columns.firstIndex { $0.name == key }
        }
        relations[relation.id] = (name, columns.count == tracked.keyNames.count ? columns : [])
    }

    private mutating func add(_ tuples: [[TupleValue]], _ id: UInt32, _ message: RawSpan) throws {
        // The table's keys must not be copied, so nothing else may hold them at the insertion.
        guard case .some(.some(let (table, columns))) = relations[id],
            tables[table].map({ !$0.isUnknown && position > $0.after }) == true
        else { return }
        guard !columns.isEmpty, count < Self.keysMax else { return forget(id) }
        // A key that did not change may be sent in one of the tuples only.
        let found = tuples.compactMap { Self.key($0, columns, message) }
        guard !found.isEmpty else { return forget(id) }
        for key in found where tables[table]?.keys.insert(key).inserted == true { count += 1 }
    }

    private static func key(_ tuple: [TupleValue], _ columns: [Int], _ message: RawSpan) -> RowKey? {
        var values: [String] = []
        for column in columns {
            guard tuple.indices.contains(column), case .text(let range) = tuple[column] else { return nil }
            values.append(MessageCursor().text(range, in: message))
        }
        return RowKey(values)
    }

    /// Notes that rows have changed that no key tells.
    private mutating func forget(_ id: UInt32) {
        guard case .some(.some(let (table, _))) = relations[id], let tracked = tables[table],
            position > tracked.after
        else { return }
        count -= tracked.keys.count
        tables[table]?.isUnknown = true
        tables[table]?.keys = []
    }
}
