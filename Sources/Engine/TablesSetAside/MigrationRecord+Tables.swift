import Records

extension MigrationRecord {
    package var setAsideTables: [SetAsideTable] { tablesSetAside ?? [] }
    package var excluded: [ExcludedTable] { excludedTables ?? [] }
    /// New tables that the operator has not excluded.
    package var unmigrated: [NewTable] {
        let known = Set(excluded.map(\.table))
        return (newTables ?? []).filter { !known.contains($0.table) }
    }

    package func isExcluded(_ table: QualifiedName) -> Bool { excluded.contains { $0.table == table } }

    package func setAsideTable(_ table: QualifiedName) -> SetAsideTable? {
        setAsideTables.first { $0.table == table }
    }

    /// The notes on tables whose changes are not applied, by name.
    var tableNotes: [QualifiedName: TableNote] {
        var notes: [QualifiedName: TableNote] = [:]
        for table in unmigrated {
            notes[table.table] = TableNote(
                word: .new, reason: "it was created after the start and is not migrated",
                remedy: "exclude it, or drop it", since: table.since)
        }
        for table in setAsideTables {
            notes[table.table] = TableNote(
                word: table.isReleased ? .catchingUp : .setAside, reason: table.reason, remedy: table.remedy,
                since: table.since)
        }
        for table in excluded {
            notes[table.table] = TableNote(
                word: .excluded, reason: "excluded by \(table.by): \(table.reason)", since: table.at)
        }
        return notes
    }

    /// Sets a table aside, or gives one that is set aside another reason. Returns false if nothing changed.
    mutating func setAside(_ table: SetAsideTable) -> Bool {
        // A check that began before the leg's end may find something after it. Nobody would ever release that
        // table.
        guard !isExcluded(table.table), !hasEnded(leg: table.leg) else { return false }
        guard let index = setAsideTables.firstIndex(where: { $0.table == table.table }) else {
            tablesSetAside = setAsideTables + [table]
            return true
        }
        let old = setAsideTables[index]
        guard old.isReleased || old.reason != table.reason else { return false }
        tablesSetAside?[index].cause = table.cause
        tablesSetAside?[index].reason = table.reason
        tablesSetAside?[index].remedy = table.remedy
        tablesSetAside?[index].partitions = table.partitions
        tablesSetAside?[index].isReleased = false
        tablesSetAside?[index].isRetryAsked = false
        return true
    }

    mutating func changeSetAsideTable(_ table: QualifiedName, _ body: (inout SetAsideTable) -> Void) {
        guard let index = setAsideTables.firstIndex(where: { $0.table == table }) else { return }
        body(&tablesSetAside![index])
    }

    /// The sentence that says why no cutover may begin or continue; nil if no table prevents it.
    var tablesRefusal: String? {
        if let table = setAsideTables.first {
            return
                "\(table.table) is set aside: \(table.reason). Mend it (\(table.remedy)) and let it catch "
                + "up, or exclude it with `switchback exclude table`"
        }
        if let new = unmigrated.first {
            return
                "\(new.table) was created after the start and is not migrated: copy it by hand or drop it, "
                + "and exclude it with `switchback exclude table`"
        }
        return nil
    }

    // MARK: The plan of a leg

    /// The tables whose changes are not applied in this leg.
    func tablesToSetAside(_ leg: Leg) -> Set<QualifiedName> {
        Set(
            setAsideTables.filter { $0.leg == leg.number && !$0.isReleased }.map(\.table)
                + excluded.map(\.table))
    }

    /// Whether other tables are to be set aside than a plan says, or the operator asks for another check of
    /// one.
    func setsAsideOtherTables(than plan: ChannelPlan, _ leg: Leg) -> Bool {
        tablesToSetAside(leg) != Set(plan.tablesSetAside.filter { !$0.isReleased }.map(\.table))
            || setAsideTables.contains { $0.leg == leg.number && $0.isRetryAsked }
    }
}
