import Records

/// A table whose changes are passed over for now, with the reason and what ends it. They stay in the log, and are applied
/// from where the hold began when it is over.
package struct SetAsideTable: Sendable, Codable, Equatable {
    package enum Cause: String, Sendable, Codable {
        /// The destination does not fit what is announced; over when it does.
        case shape
        /// The destination has no partition for a row; tried again when its partitions change.
        case partition
        /// Something the stream does not tell has happened to its rows; over when the operator says so.
        case unseen
    }

    package let table: QualifiedName
    package let leg: Int
    package var cause: Cause
    /// What changed, on which side.
    package var reason: String
    /// What mends it: SQL for the destination, or a sentence.
    package var remedy: String
    /// Seconds since 1970.
    package let since: Double
    /// The operator says that it is mended; the apply looks once more.
    package var isRetryAsked = false
    /// Its changes are being applied again.
    package var isReleased = false
    /// The partitions the destination had.
    package var parts = 0

    package init(
        table: QualifiedName, leg: Int, cause: Cause, reason: String, remedy: String, since: Double,
        parts: Int = 0
    ) {
        self.table = table
        self.leg = leg
        self.cause = cause
        self.reason = reason
        self.remedy = remedy
        self.since = since
        self.parts = parts
    }

    /// Whether its changes can be applied again: `found` is what is in the way of them now, `parts` how many partitions the
    /// destination has; nil where it does not have the table.
    func isOver(_ found: [SchemaDifference], parts: Int?) -> Bool {
        let isHard = found.contains(where: \.isHard)
        return switch cause {
        case .shape: isRetryAsked ? !isHard : found.isEmpty
        case .partition: (isRetryAsked || parts != self.parts) && !isHard
        case .unseen: isRetryAsked && !isHard
        }
    }
}

/// A table the operator has taken out of the migration: its changes are counted and not applied, and no cutover compares it.
package struct ExcludedTable: Sendable, Codable, Equatable {
    package let table: QualifiedName
    package let reason: String
    package let by: String
    package let at: Double
}

/// A table that came to be on the origin after the start: nothing of it is migrated.
package struct NewTable: Sendable, Codable, Equatable {
    package let table: QualifiedName
    package let leg: Int
    package let since: Double
}

extension MigrationRecord {
    package var setAsideTables: [SetAsideTable] { tablesSetAside ?? [] }
    package var excluded: [ExcludedTable] { excludedTables ?? [] }
    /// New tables the operator has not said to leave out.
    package var unmigrated: [NewTable] {
        let known = Set(excluded.map(\.table))
        return (newTables ?? []).filter { !known.contains($0.table) }
    }

    package func isExcluded(_ table: QualifiedName) -> Bool { excluded.contains { $0.table == table } }

    package func setAsideTable(_ table: QualifiedName) -> SetAsideTable? {
        setAsideTables.first { $0.table == table }
    }

    /// What is to be said of tables whose changes are not applied, by name.
    var tableNotes: [QualifiedName: TableNote] {
        var notes: [QualifiedName: TableNote] = [:]
        for table in unmigrated {
            notes[table.table] = TableNote(
                word: .new, reason: "it came to be after the start and is not migrated",
                remedy: "leave it out, or drop it", since: table.since)
        }
        for hold in setAsideTables {
            notes[hold.table] = TableNote(
                word: hold.isReleased ? .catchingUp : .setAside, reason: hold.reason, remedy: hold.remedy,
                since: hold.since)
        }
        for table in excluded {
            notes[table.table] = TableNote(
                word: .excluded, reason: "left out by \(table.by): \(table.reason)", since: table.at)
        }
        return notes
    }

    /// Puts a table on hold, or gives the hold it has another reason; false where nothing was to be done.
    mutating func setAside(_ hold: SetAsideTable) -> Bool {
        // A look that began before the leg's end may find something after it: nobody would ever release that hold.
        guard !isExcluded(hold.table), !hasEnded(leg: hold.leg) else { return false }
        guard let index = setAsideTables.firstIndex(where: { $0.table == hold.table }) else {
            tablesSetAside = setAsideTables + [hold]
            return true
        }
        let old = setAsideTables[index]
        guard old.isReleased || old.reason != hold.reason else { return false }
        tablesSetAside?[index].cause = hold.cause
        tablesSetAside?[index].reason = hold.reason
        tablesSetAside?[index].remedy = hold.remedy
        tablesSetAside?[index].parts = hold.parts
        tablesSetAside?[index].isReleased = false
        tablesSetAside?[index].isRetryAsked = false
        return true
    }

    mutating func changeSetAsideTable(_ table: QualifiedName, _ body: (inout SetAsideTable) -> Void) {
        guard let index = setAsideTables.firstIndex(where: { $0.table == table }) else { return }
        body(&tablesSetAside![index])
    }

    /// Why no cutover may begin, or go on; nil where no table stands in its way.
    var tablesRefusal: String? {
        if let hold = setAsideTables.first {
            return
                "\(hold.table) is set aside: \(hold.reason). Mend it (\(hold.remedy)) and let it catch up, or leave it out "
                + "with `switchback exclude table`"
        }
        if let new = unmigrated.first {
            return
                "\(new.table) came to be after the start and is not migrated: copy it by hand or drop it, and leave it "
                + "out with `switchback exclude table`"
        }
        return nil
    }
}

extension RoleContext {
    /// Puts a table on hold and says so; it is recorded before anything of it is passed over.
    func setAside(_ hold: SetAsideTable, origin: String) throws {
        guard try update({ $0.setAside(hold) }) else { return }
        log(
            .error, origin,
            "\(hold.table) is set aside: \(hold.reason). To mend it: \(hold.remedy). Its changes stay in the log, everything else "
                + "goes on; leave it out with `switchback exclude table` where it is not needed")
    }
}
