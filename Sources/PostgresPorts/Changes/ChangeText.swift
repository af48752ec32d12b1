import Engine
import Postgres
import Records

extension AppliedTable {
    /// Indexes of the columns by which an operator finds a row: its key, or the destination's primary key.
    private var namingIndexes: [Int] {
        guard keyIndexes.isEmpty else { return keyIndexes }
        let names = relation.columns.map(\.name)
        let key = destination.primaryKey.compactMap { name in names.firstIndex(of: name) }
        return key.count == destination.primaryKey.count ? key : []
    }

    private func deletion(of old: [TupleValue], _ text: (TupleValue) -> String?) -> String {
        let statement = delete(form(of: old))
        return StatementText.filled(statement.sql, statement.finders.map { text(old[$0]) })
    }

    /// Returns the operation of a change, the key of its row, and the change as SQL with its values; nil for
    /// a change of no row. For an update that moves a row between channels, the SQL is only the half that was
    /// to be applied.
    func description(of change: ChangeMessage, _ share: ChangeFilter.Share, _ bytes: RawSpan) -> (
        operation: Incident.Operation, key: [Incident.KeyColumn], sql: String
    )? {
        let cursor = MessageCursor()
        func text(_ value: TupleValue) -> String? {
            switch value {
            case .text(let range): cursor.text(range, in: bytes)
            case .null, .unchanged, .binary: nil
            }
        }
        func key(_ tuple: [TupleValue]) -> [Incident.KeyColumn] {
            namingIndexes.map {
                Incident.KeyColumn(column: relation.columns[$0].name, value: text(tuple[$0]))
            }
        }
        switch change {
        case .insert(_, let new):
            return (.insert, key(new), StatementText.filled(insertSQL, new.map(text)) + ";")
        case .update(_, let old, _, let new):
            let before = old ?? new
            let deletion = deletion(of: before, text)
            let insertion = StatementText.filled(insertSQL, new.map(text))
            switch share {
            case .departure: return (.update, key(before), deletion + ";")
            case .arrival: return (.update, key(before), insertion + ";")
            case .all, .none: break
            }
            let isKeyChanged =
                old.map { old in
                    alwaysIndexes.contains {
                        relation.columns[$0].isKey
                            && text(old[$0]).map { Identifier($0) } != text(new[$0]).map { Identifier($0) }
                    }
                } ?? false
            if isKeyChanged || !besideIndexes.isEmpty && !new.contains(.unchanged) {
                // An update cannot set such a column, so the row is deleted and inserted.
                return (.update, key(before), "begin; \(deletion); \(insertion); commit;")
            }
            let set = new.indices.filter { new[$0] != .unchanged && !alwaysIndexes.contains($0) }
            guard !set.isEmpty else { return (.update, key(before), "") }
            let beside = besideIndexes.filter { new[$0] != .unchanged }
            let statement = update(set: set, beside: beside, form(of: before))
            let values =
                set.map { text(new[$0]) } + statement.finders.map { text(before[$0]) }
                + beside.map { text(new[$0]) }
            return (.update, key(before), StatementText.filled(statement.sql, values) + ";")
        case .delete(_, let old, _):
            return (.delete, key(old), deletion(of: old, text) + ";")
        case .begin, .commit, .origin, .relation, .type, .truncate, .message: return nil
        }
    }
}
