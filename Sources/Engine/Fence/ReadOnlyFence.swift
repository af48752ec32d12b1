import Postgres
import Records

/// The fence of a whole database, `default_transaction_read_only`: new sessions cannot write unless they set
/// the parameter themselves.
enum ReadOnlyFence {
    /// Sets up the fence if the role owns the database. If it does not, the cutover continues: its quiet
    /// proof needs no fence.
    ///
    /// - Returns: what was done, in words.
    static func setUp(on connection: borrowing PostgresConnection, _ side: Side, _ context: RoleContext)
        throws -> String
    {
        let facts = try connection.query(
            "select current_database(), d.datdba = any (array(select oid from pg_catalog.pg_roles "
                + "where pg_catalog.pg_has_role(oid, 'member'))) or "
                + "(select rolsuper from pg_catalog.pg_roles where rolname = current_user), "
                + "(select substr(c, length('default_transaction_read_only=') + 1) from "
                + "pg_catalog.pg_db_role_setting s cross join lateral unnest(s.setconfig) c where "
                + "s.setdatabase = d.oid and s.setrole = 0 and c like 'default_transaction_read_only=%') "
                + "from pg_catalog.pg_database d where d.datname = current_database()",
            doing: "read the database's settings")
        guard let row = facts.rows.first, let name = row[0] else {
            return "no fence: the database was not found"
        }
        guard row[1] == "t" else {
            context.log(
                .warning, "cutover",
                "no fence on \(side.rawValue): the role does not own database "
                    + "\(name); stop the application by other means"
            )
            return "no fence: the role does not own the database"
        }
        let database = quoteIdentifier(name)
        // The setting of before is restored later. A fence of ours must not be taken for that setting.
        let isSetUp = try context.record().changes.contains {
            $0.side == side && $0.kind == .readOnlyFence && $0.undoneAt == nil
        }
        if !isSetUp, row[2] == "on" { return "the database was read-only before" }
        let undo =
            row[2].map {
                "alter database \(database) set default_transaction_read_only to \(quoteLiteral($0))"
            }
            ?? "alter database \(database) reset default_transaction_read_only"
        try DatabaseChanges(context).note(side, .readOnlyFence, undo: undo)
        try connection.execute(
            "alter database \(database) set default_transaction_read_only to on", doing: "set up the fence")
        return "new sessions are read-only"
    }
}
