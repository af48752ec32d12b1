import Records

/// The recorded changes of the databases: each is a change for our own needs, with what undoes it. The record
/// is written before the change is made, so that no crash leaves an unrecorded change. Undoing a change that
/// is gone does nothing.
package struct DatabaseChanges: Sendable {
    package let context: RoleContext

    package init(_ context: RoleContext) {
        self.context = context
    }

    /// Records a change that is about to be made.
    package func note(_ side: Side, _ kind: RecordedChange.Kind, undo: String) throws {
        try context.update { record, transaction in
            if !record.changes.contains(where: { $0.side == side && $0.kind == kind && $0.undoneAt == nil }) {
                record.changes.append(
                    RecordedChange(side: side, kind: kind, undo: undo, madeAt: secondsNow()))
            }
            try transaction.log(.info, "changes", "on \(side.rawValue): \(kind)")
        }
    }

    /// Returns the changes of a side that are not undone and for which `matches` is true, newest first.
    package func left(_ side: Side, matching matches: (RecordedChange.Kind) -> Bool) throws
        -> [RecordedChange]
    {
        try context.record().changes.reversed().filter {
            $0.side == side && $0.undoneAt == nil && matches($0.kind)
        }
    }

    /// Records that a change was undone.
    package func noteUndone(_ change: RecordedChange) throws {
        try context.update { record, transaction in
            for index in record.changes.indices
            where record.changes[index].side == change.side && record.changes[index].kind == change.kind
                && record.changes[index].undoneAt == nil
            { record.changes[index].undoneAt = secondsNow() }
            try transaction.log(.info, "changes", "undone on \(change.side.rawValue): \(change.kind)")
        }
    }
}
