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
        try note(side, [PlannedChange(kind: kind, undo: undo)]) { _ in }
    }

    /// Records changes that are about to be made, the oldest first. A change that is recorded already keeps
    /// what undoes it: that is how things were before us.
    ///
    /// - Parameter judge: throws if the changes may not be made in this state of the migration; nothing is
    ///   recorded then
    package func note(
        _ side: Side, _ changes: [PlannedChange], judge: (MigrationRecord) throws -> Void
    ) throws {
        try context.update { record, transaction in
            try judge(record)
            for change in changes {
                if !record.hasOpenChange(change.kind, on: side) {
                    record.changes.append(
                        RecordedChange(
                            side: side, kind: change.kind, undo: change.undo, object: change.object,
                            madeAt: secondsNow()))
                }
                try transaction.log(.info, "changes", "on \(side.rawValue): \(change.kind)")
            }
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

/// A change that is about to be made, with the statement that undoes it.
package struct PlannedChange: Sendable, Equatable {
    package let kind: RecordedChange.Kind
    package let undo: String
    /// The object that the change affects, as the catalog has it before.
    package let object: CatalogObject?

    package init(kind: RecordedChange.Kind, undo: String, object: CatalogObject? = nil) {
        self.kind = kind
        self.undo = undo
        self.object = object
    }
}

extension MigrationRecord {
    /// Whether a change of this kind was made on a side and is not undone.
    package func hasOpenChange(_ kind: RecordedChange.Kind, on side: Side) -> Bool {
        changes.contains { $0.side == side && $0.kind == kind && $0.undoneAt == nil }
    }
}
