import Engine
import Postgres
import Records

/// Triggers, rules and foreign keys of one side, which are turned off while we write there, if our role may
/// not set `session_replication_role`: the owner of a table may do that.
///
/// Every change is in the record before it is made, with the statement that brings the object back.
struct Suspension {
    let context: RoleContext
    let side: Side

    /// Names the sessions that turn something off or back. An attempt ends the sessions of an earlier one,
    /// which may still wait for a lock.
    static let step = "suspension"

    /// Turns off what fires for the rows of the tables. Does nothing if the role's sessions are replicas.
    func suspend(_ tables: [QualifiedName]) throws -> StepAttempt {
        try judge(context.record())
        let connection = try context.connectAlone(side, step: Self.step)
        guard try !connection.isReplica() else { return .done(Self.replicaWords) }
        do { return .done(try suspend(tables, on: connection)) } catch let error as PostgresError
            where error.sqlState == "55P03"
        { return .waits(for: error) }
    }

    static let replicaWords = "not needed: the role may set session_replication_role"

    /// Turns off what fires, each object in a transaction of its own. Returns what was done, in words.
    private func suspend(_ tables: [QualifiedName], on connection: borrowing PostgresConnection) throws
        -> String
    {
        let own = OwnTransaction(context: context, side: side)
        let found = try find(tables, on: connection, inTransaction: false)
        try note(found, serverVersion: connection.serverVersion)
        for object in found.objects {
            let doing = "turn off \(object.kind.rawValue) \(Identifier(object.name)) on \(object.table)"
            try own.run(connection, locking: [object.table], doing: doing) {
                try connection.execute(
                    object.disabling(serverVersion: connection.serverVersion), doing: doing)
            }
        }
        for key in found.keys {
            let doing = "drop foreign key \(Identifier(key.name)) of \(key.table)"
            try own.run(connection, locking: key.parts.map(\.table) + tables, doing: doing) {
                try connection.execute(key.dropping, doing: doing)
            }
        }
        let count = try DatabaseChanges(context).left(side, matching: \.isSuspension).count
        return count == 0 ? "there are none" : "\(counted(count, "object")) turned off"
    }

    /// Returns the statements that would turn off what fires now, each with what brings it back. It changes
    /// nothing.
    func planned(_ tables: [QualifiedName], on connection: borrowing PostgresConnection) throws
        -> [(statement: String, undo: [String])]
    {
        let found = try find(tables, on: connection, inTransaction: false, warns: false)
        let version = connection.serverVersion
        var planned: [(statement: String, undo: [String])] = []
        for object in found.objects {
            planned.append(
                (object.disabling(serverVersion: version), [object.enabling(serverVersion: version)]))
        }
        for key in found.keys {
            let undo = key.restoration.reversed().map { step -> String in
                switch step {
                case .enforce(_, let statement), .finish(_, let statement): statement
                }
            }
            planned.append((key.dropping, undo))
        }
        return planned
    }

    /// Turns off, inside a transaction of the caller, what fires for the rows of the tables by now. The
    /// caller has just created some of it.
    ///
    /// - Parameter statements: what the caller has run. A trigger that they turn off is off for good: it must
    ///   not come back with those that we turned off.
    func suspendCreated(
        _ tables: [QualifiedName], by statements: [String], on connection: borrowing PostgresConnection
    ) throws {
        let changes = DatabaseChanges(context)
        for change in try changes.left(side, matching: \.isSuspension)
        where statements.contains(where: change.kind.isTurnedOff) { try changes.noteUndone(change) }
        let found = try find(tables, on: connection, inTransaction: true)
        guard !found.objects.isEmpty || !found.keys.isEmpty else { return }
        try note(found, serverVersion: connection.serverVersion)
        let doing = "turn off what was created"
        for object in found.objects {
            try connection.execute(object.disabling(serverVersion: connection.serverVersion), doing: doing)
        }
        for key in found.keys { try connection.execute(key.dropping, doing: doing) }
    }

    /// Brings back what was turned off. Old rows are not read, except where the server knows no other way.
    func restore() throws -> StepAttempt {
        let connection = try context.connectAlone(side, step: Self.step)
        let changes = DatabaseChanges(context)
        let left = try changes.left(side, matching: \.isSuspension)
        guard !left.isEmpty else {
            return .done(try connection.isReplica() ? Self.replicaWords : "nothing was turned off")
        }
        do {
            try changes.undo(side, on: connection, matching: \.isSuspension)
        } catch let error as PostgresError where error.sqlState == "55P03" {
            return .waits(for: error)
        }
        return .done("\(counted(left.count, "object")) back")
    }

    // MARK: What fires

    private struct Found {
        let objects: [FiringObject]
        let keys: [ForeignKey]
        /// What the catalog has of the tables.
        let catalog: [CatalogObject]
    }

    private func find(
        _ tables: [QualifiedName], on connection: borrowing PostgresConnection, inTransaction: Bool,
        warns: Bool = true
    ) throws -> Found {
        let user = quoteIdentifier(connection.user)
        do {
            let fence = try TableFence(context: context, side: side).name()
            let objects = try connection.firingObjects(on: tables, without: fence)
            if !inTransaction { try connection.execute("begin", doing: "search for foreign keys") }
            let keys = try connection.foreignKeys(of: tables)
            // Its search_path prints the names as the gates read them.
            let catalog =
                objects.isEmpty && keys.isEmpty
                ? [] : try connection.objects(ofTables: tables, inSchemas: [])
            if !inTransaction { try connection.execute("commit", doing: "search for foreign keys") }
            let others = keys.filter { !$0.mayAlter }
            let refused = others.filter(\.isOfTables).map(\.table)
            guard refused.isEmpty else { throw TablesOfOthers(tables: refused) }
            if warns { for key in others { warn(of: key) } }
            return Found(objects: objects, keys: keys.filter(\.mayAlter), catalog: catalog)
        } catch let error as TablesOfOthers {
            throw RequestRefused(
                "triggers and foreign keys of \(error.tables.listed(max: 5)) on the \(side.rawValue) would "
                    + "take effect on the rows that are written, and only the tables' owner may turn "
                    + "them off: grant the owner's role to \(user), or "
                    + "grant set on parameter session_replication_role to \(user)")
        }
    }

    private func warn(of key: ForeignKey) {
        context.log(
            .warning, "foreign keys",
            "foreign key \(Identifier(key.name)) of \(key.table), which is not migrated, stays on "
                + "the \(side.rawValue): the role may not alter that table; rows that it refers to "
                + "can be deleted only as it allows")
    }

    private func note(_ found: Found, serverVersion: Int) throws {
        func planned(_ kind: RecordedChange.Kind, _ undo: String) -> PlannedChange {
            PlannedChange(
                kind: kind, undo: undo, object: found.catalog.first { kind.affected?.is($0) == true })
        }
        let objects = found.objects.map { object in
            planned(
                object.kind == .trigger
                    ? .disabledTrigger(table: object.table, name: object.name)
                    : .disabledRule(table: object.table, name: object.name),
                object.enabling(serverVersion: serverVersion))
        }
        let keys = found.keys.flatMap(\.restoration).map { step in
            switch step {
            case .enforce(let part, let statement):
                planned(.droppedForeignKey(table: part.table, name: part.name), statement)
            case .finish(let part, let statement):
                planned(.unfinishedForeignKey(table: part.table, name: part.name), statement)
            }
        }
        try DatabaseChanges(context).note(side, objects + keys, judge: judge)
    }

    private func judge(_ record: MigrationRecord) throws {
        guard record.allowsSuspension(of: side) else { throw SuspensionNotAllowed(side: side) }
    }
}

extension PostgresWork {
    func suspendEffects(on tables: [QualifiedName]) throws -> StepAttempt {
        try Suspension(context: context, side: side).suspend(tables)
    }

    func restoreEffects() throws -> StepAttempt { try Suspension(context: context, side: side).restore() }
}

extension RecordedChange.Kind {
    /// Whether a statement as pg_dump writes it turns off this trigger or rule.
    fileprivate func isTurnedOff(by statement: String) -> Bool {
        let (kind, table, name): (String, QualifiedName, String)
        switch self {
        case .disabledTrigger(let of, let named): (kind, table, name) = ("TRIGGER", of, named)
        case .disabledRule(let of, let named): (kind, table, name) = ("RULE", of, named)
        case .slot, .publication, .readOnlyFence, .tableFence, .revokedRights, .droppedForeignKey,
            .unfinishedForeignKey,
            .other:
            return false
        }
        // It quotes the names that need it, and writes ONLY in some versions.
        let plain = statement.filter { $0 != "\"" && $0 != ";" }
        let words = "\(table.schema.text).\(table.name.text) DISABLE \(kind) \(name)".filter { $0 != "\"" }
        return plain.hasSuffix(" " + words)
    }
}
