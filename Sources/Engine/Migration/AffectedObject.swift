import Records

/// The object of the application that a recorded change turns off, drops or leaves unfinished.
package struct AffectedObject: Sendable, Equatable, Hashable {
    package let kind: CatalogObject.Kind
    package let table: QualifiedName
    package let name: String

    /// Whether this is the object of a catalog.
    package func `is`(_ object: CatalogObject) -> Bool {
        object.kind == kind && object.table == table && object.name == name
    }
}

extension RecordedChange.Kind {
    /// The object that the change affects; nil if it affects none of the application's.
    package var affected: AffectedObject? {
        switch self {
        case .disabledTrigger(let table, let name): AffectedObject(kind: .trigger, table: table, name: name)
        case .disabledRule(let table, let name): AffectedObject(kind: .rule, table: table, name: name)
        case .droppedForeignKey(let table, let name), .unfinishedForeignKey(let table, let name):
            AffectedObject(kind: .constraint, table: table, name: name)
        case .slot, .publication, .readOnlyFence, .tableFence, .other: nil
        }
    }
}

extension MigrationRecord {
    /// The changes of a side that are not undone, oldest first.
    package func openChanges(on side: Side) -> [RecordedChange] {
        changes.filter { $0.side == side && $0.undoneAt == nil }
    }
}

extension [CatalogObject] {
    /// The objects as they were before these changes, and will be again: the catalogs are compared like that,
    /// because the cutover undoes the changes before the application writes.
    package func asBefore(_ changes: [RecordedChange]) -> [CatalogObject] {
        let affected = Set(changes.compactMap(\.kind.affected))
        guard !affected.isEmpty else { return self }
        let kept = filter { object in
            !affected.contains(AffectedObject(kind: object.kind, table: object.table, name: object.name))
        }
        // A dropped key has two changes: it comes back, and its rows are checked.
        return kept + Set(changes.compactMap(\.object))
    }
}
