import Engine
import Postgres
import Records

/// The fence of the migrated tables alone: a trigger on each of them, and on each partition, that refuses
/// writes. It applies to all sessions at once, including those that began before it, and does not touch the
/// database's other tables. It does not stop our sessions: they are replicas, for which it does not fire, or
/// say by a setting that they are ours.
struct TableFence {
    let context: RoleContext
    let side: Side

    /// The setting by which sessions of ours that are no replicas pass; its value is the migration's UUID.
    static let ownSetting = "switchback.migration"

    /// Name of trigger and function. It contains the migration, because several migrations may share a
    /// database.
    func name() throws -> String { "switchback_fence_\(try context.record().uuid.prefix(8))" }

    // MARK: Statements

    private func function() throws -> String {
        "\(PostgresConnection.metadataSchema).\(quoteIdentifier(try name()))"
    }

    /// The statement that makes the function which refuses writes.
    func closing() throws -> String {
        let message = "table %.% takes no writes: a cutover has moved its application to another database"
        return """
            create or replace function \(try function())() returns trigger language plpgsql as $fence$
            begin
                if pg_catalog.current_setting('\(Self.ownSetting)', true) = '\(try context.record().uuid)' then
                    return null;
                end if;
                raise exception '\(message)', tg_table_schema, tg_table_name using errcode = '25006';
            end $fence$
            """
    }

    /// The statement that makes it refuse nothing.
    func opening() throws -> String {
        "create or replace function \(try function())() returns trigger language plpgsql "
            + "as $fence$ begin return null; end $fence$"
    }

    /// The statement that fences a table.
    func trigger(on table: QualifiedName) throws -> String {
        "create trigger \(quoteIdentifier(try name())) before insert or update or delete or truncate on "
            + "\(table.quoted) for each statement execute procedure \(try function())()"
    }

    /// The statement that removes the trigger of a table.
    func untriggering(_ table: QualifiedName) throws -> String {
        "drop trigger if exists \(quoteIdentifier(try name())) on \(table.quoted)"
    }

    /// The statement that removes everything.
    func dropping() throws -> String { "drop function if exists \(try function())() cascade" }

    // MARK: Work

    /// Creates the trigger on one table after the other. If a table is locked for too long, it throws
    /// SQLSTATE 55P03 with the name of the lock's holder; the tables that are fenced stay fenced, and the
    /// next call continues with the others.
    func setUp(_ tables: [QualifiedName], on connection: borrowing PostgresConnection) throws -> String {
        let trigger = try name()
        try context.ensureMetadataTables(side, connection)
        try DatabaseChanges(context).note(
            side, .tableFence, undo: try dropping())
        let doing = "set up the fence of the tables"
        let own = OwnTransaction(context: context, side: side)
        try own.run(connection, doing: doing) { try connection.execute(try closing(), doing: doing) }
        for table in try connection.tables(tables, withoutTrigger: trigger) {
            try own.run(connection, locking: [table], doing: "set up the fence of \(table)") {
                do {
                    try connection.execute(
                        try self.trigger(on: table), doing: "set up the fence of \(table)")
                } catch let error as PostgresError {
                    throw error.mended(
                        by: "grant trigger on table \(table.quoted) to \(quoteIdentifier(connection.user))")
                }
            }
        }
        return "\(counted(tables.count, "table")) take no writes"
    }

    /// Lets everybody write again, at once: the triggers stay and refuse nothing. It needs no lock on a
    /// table, which a long read could delay for hours. Does nothing if there is no fence.
    func open(on connection: borrowing PostgresConnection) throws {
        let name = try name()
        let doing = "open the fence of the tables"
        let exists = try connection.query(
            "select exists (select from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = "
                + "p.pronamespace where n.nspname = $1 and p.proname = $2)",
            [PostgresConnection.metadataSchema, name], doing: doing)
        guard exists.scalar == "t" else { return }
        try OwnTransaction(context: context, side: side).run(connection, doing: doing) {
            try connection.execute(try opening(), doing: doing)
        }
    }

    /// Removes the triggers of an open fence, one table after the other. Throws SQLSTATE 55P03 if a table is
    /// locked for too long.
    func removeTriggers(on connection: borrowing PostgresConnection) throws {
        let trigger = try name()
        let own = OwnTransaction(context: context, side: side)
        let tables = try connection.tables(withTrigger: trigger)
        for table in tables {
            let doing = "remove the fence of \(table)"
            try own.run(connection, locking: [table], doing: doing) {
                try connection.execute(try untriggering(table), doing: doing)
            }
        }
    }
}
