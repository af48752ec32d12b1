import Engine
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
        guard let setting = try connection.readOnlySetting() else {
            return "no fence: the database was not found"
        }
        guard setting.mayAlter else {
            context.log(
                .warning, "cutover",
                "no fence on \(side.rawValue): the role does not own database \(setting.database); stop the "
                    + "application by other means")
            return "no fence: the role does not own the database"
        }
        // The setting of before is restored later. A fence of ours must not be taken for that setting.
        let isSetUp = try context.record().changes.contains {
            $0.side == side && $0.kind == .readOnlyFence && $0.undoneAt == nil
        }
        if !isSetUp, setting.value == "on" { return "the database was read-only before" }
        try DatabaseChanges(context).note(side, .readOnlyFence, undo: undo(setting))
        try connection.execute(statement(setting), doing: "set up the fence")
        return "new sessions are read-only"
    }

    /// The statement that sets up the fence.
    static func statement(_ setting: ReadOnlySetting) -> String {
        "alter database \(quoteIdentifier(setting.database)) set default_transaction_read_only to on"
    }

    /// The statement that restores what was there before.
    static func undo(_ setting: ReadOnlySetting) -> String {
        let database = quoteIdentifier(setting.database)
        return setting.value.map {
            "alter database \(database) set default_transaction_read_only to \(quoteLiteral($0))"
        } ?? "alter database \(database) reset default_transaction_read_only"
    }
}
