import Postgres
import Records

/// The read-only fence of a database: new sessions cannot write unless they say so themselves. It keeps an application
/// that missed the cutover from writing to the side that is no more the one.
enum Fence {
    /// Its sessions' step: one of an earlier attempt must not put the fence up after it was taken down.
    static let step = "fence"
    static let what = "read-only fence (default_transaction_read_only)"

    /// Puts up the fence where the role may; says so where it may not, for the quiet proof stands without it.
    static func putUp(on connection: borrowing PostgresConnection, _ side: Side, _ context: RoleContext)
        throws -> String
    {
        let facts = try connection.query(
            "select current_database(), d.datdba = any (array(select oid from pg_catalog.pg_roles "
                + "where pg_catalog.pg_has_role(oid, 'member'))) or "
                + "(select rolsuper from pg_catalog.pg_roles where rolname = current_user), "
                + "(select substr(c, length('default_transaction_read_only=') + 1) from pg_catalog.pg_db_role_setting s "
                + "cross join lateral unnest(s.setconfig) c where s.setdatabase = d.oid and s.setrole = 0 "
                + "and c like 'default_transaction_read_only=%') "
                + "from pg_catalog.pg_database d where d.datname = current_database()",
            doing: "read the database's settings")
        guard let row = facts.rows.first, let name = row[0] else {
            return "no fence: the database was not found"
        }
        guard row[1] == "t" else {
            context.log(
                .warning, "cutover",
                "no fence on \(side.rawValue): the role does not own database \(name); stop the application by other means"
            )
            return "no fence: the role does not own the database"
        }
        let database = quoteIdentifier(name)
        // What was there before comes back, and a fence of ours that stands is not taken for it.
        let stands = try context.record().changes.contains {
            $0.side == side && $0.what == what && $0.undoneAt == nil
        }
        if !stands, row[2] == "on" { return "the database was read-only before" }
        let undo =
            row[2].map {
                "alter database \(database) set default_transaction_read_only to \(quoteLiteral($0))"
            }
            ?? "alter database \(database) reset default_transaction_read_only"
        try DatabaseChanges(context).note(side, what: what, undo: undo)
        try connection.execute(
            "alter database \(database) set default_transaction_read_only to on", doing: "put up the fence")
        return "new sessions are read-only"
    }

    /// Puts up the fence of a form.
    static func putUp(
        _ form: CutoverFence, on connection: borrowing PostgresConnection, _ side: Side,
        _ context: RoleContext
    ) throws -> String {
        switch form {
        case .database: try putUp(on: connection, side, context)
        case .tables: try TableFence(context: context, side: side).putUp(on: connection)
        }
    }

    /// Puts back what was there before, where a fence of ours stands. When it returns everybody may write again. Triggers of a table
    /// that somebody has locked may stay: they refuse nothing, and the next fence or the end of the migration finds them.
    static func takeDown(on connection: borrowing PostgresConnection, _ side: Side, _ context: RoleContext)
        throws
    {
        let tables = TableFence(context: context, side: side)
        try tables.open(on: connection)
        try DatabaseChanges(context).undo(side, on: connection) { $0.what == what }
        do {
            try tables.removeTriggers(on: connection)
            try DatabaseChanges(context).undo(side, on: connection) { $0.what == TableFence.what }
        } catch let error as PostgresError where error.sqlState == "55P03" {
            context.log(
                .warning, "cutover",
                "the \(side.rawValue) takes writes again, and triggers of the fence stay on some tables until the migration ends: \(error)"
            )
        }
    }

    /// Puts up again what a cutover took down that is taken back.
    static func putUpAgain(on connection: borrowing PostgresConnection, _ side: Side, _ context: RoleContext)
        throws
    {
        let last = try context.record().changes.last { $0.side == side && isFence($0) }
        _ = try putUp(last?.what == TableFence.what ? .tables : .database, on: connection, side, context)
    }

    private static func isFence(_ change: RecordedChange) -> Bool {
        change.what == what || change.what == TableFence.what
    }
}
