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
        case .slot, .publication, .readOnlyFence, .tableFence, .revokedRights, .other: nil
        }
    }
}

extension MigrationRecord {
    /// The changes of a side, also those that are undone, oldest first.
    package func changes(on side: Side) -> [RecordedChange] { changes.filter { $0.side == side } }
}

extension [CatalogObject] {
    /// The objects as they were before these changes, and will be again: the catalogs are compared like that,
    /// because the cutover undoes the changes before the application writes.
    ///
    /// What the operator has changed since is not hidden: a trigger that is gone stays gone, and one with
    /// another definition keeps that.
    ///
    /// - Parameter changes: those of the side, also those that are undone
    package func asBefore(_ changes: [RecordedChange]) -> [CatalogObject] {
        let affected = ChangesOfObjects(changes)
        guard affected.isAnyOpen else { return self }
        let present = Set(map(AffectedObject.init))
        return compactMap(affected.before) + affected.dropped.filter { !present.contains(AffectedObject($0)) }
    }
}

extension AffectedObject {
    init(_ object: CatalogObject) {
        self.init(kind: object.kind, table: object.table, name: object.name)
    }
}

/// The recorded changes of one side by the objects that they affect.
private struct ChangesOfObjects {
    /// The changes of one object.
    private struct Changes {
        /// Whether it is off or dropped.
        var isOff = false
        /// Whether it waits to be validated, or to be added over the keys of its partitions.
        var isUnfinished = false
        /// Whether it was ever off or dropped.
        var wasOff = false
        /// The object as it was before the changes that are open.
        var object: CatalogObject?
        /// Whether any of its changes has recorded the object; those of a partition's copied key do not.
        var isRecorded = false

        var isOpen: Bool { isOff || isUnfinished }
    }

    private var changes: [AffectedObject: Changes] = [:]
    /// The definitions of the foreign keys that partitioned tables get back last.
    private var unfinishedRoots: Set<String> = []

    init(_ recorded: [RecordedChange]) {
        for change in recorded {
            guard let affected = change.kind.affected else { continue }
            let isOpen = change.undoneAt == nil
            var all = changes[affected] ?? Changes()
            if change.kind.isSuspension {
                all.wasOff = true
                all.isOff = all.isOff || isOpen
            } else {
                all.isUnfinished = all.isUnfinished || isOpen
            }
            all.isRecorded = all.isRecorded || change.object != nil
            if isOpen, let object = change.object { all.object = object }
            changes[affected] = all
        }
        unfinishedRoots = Set(
            changes.values.filter(\.isUnfinished).compactMap { $0.object?.plainDefinition })
    }

    var isAnyOpen: Bool { changes.values.contains(where: \.isOpen) }

    /// Returns an object of the catalog as it was before; nil if the catalog did not have it.
    func before(_ now: CatalogObject) -> CatalogObject? {
        guard let all = changes[AffectedObject(now)] else { return now }
        guard all.isOpen else {
            // The key of a partition, which that of its root takes over when it comes back.
            let isPart = !all.isRecorded && unfinishedRoots.contains(now.plainDefinition)
            return now.kind == .constraint && isPart ? nil : now
        }
        switch now.kind {
        // An earlier version recorded no object: it fired in ordinary sessions, as nearly all do.
        case .trigger, .rule:
            if let object = all.object, object.plainDefinition == now.plainDefinition { return object }
            return now.inState(all.object?.state ?? "")
        case .constraint:
            guard let object = all.object else { return nil }
            return object.plainDefinition == now.plainDefinition ? object : now
        case .index, .notNull, .view, .defaultValue: return now
        }
    }

    /// The foreign keys that are dropped and will be there again.
    var dropped: [CatalogObject] {
        changes.values.compactMap { all in
            // The key of a partitioned table is never recorded as dropped: its partitions' keys are.
            guard all.isOff || all.isUnfinished && !all.wasOff, all.object?.kind == .constraint else {
                return nil
            }
            return all.object
        }
    }
}
