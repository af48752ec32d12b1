import Postgres
import Records

/// The fence of a cutover: it stops the application from writing to the side that it has to leave.
enum Fence {
    /// Name of its sessions' step. Setting up and removing share it, so that a session of an earlier attempt
    /// cannot set the fence up after its removal.
    static let step = "fence"

    static func setUp(
        _ form: CutoverFence, on connection: borrowing PostgresConnection, _ side: Side,
        _ context: RoleContext
    ) throws -> String {
        switch form {
        case .database: try ReadOnlyFence.setUp(on: connection, side, context)
        case .tables: try TableFence(context: context, side: side).setUp(on: connection)
        }
    }

    /// Removes a fence of ours and restores the setting that was there before. When it returns, everybody may
    /// write again. Triggers may stay on a table that another session has locked: they refuse nothing, and
    /// the next fence or the end of the migration removes them.
    static func remove(on connection: borrowing PostgresConnection, _ side: Side, _ context: RoleContext)
        throws
    {
        let tables = TableFence(context: context, side: side)
        try tables.open(on: connection)
        try DatabaseChanges(context).undo(side, on: connection) { $0 == .readOnlyFence }
        do {
            try tables.removeTriggers(on: connection)
            try DatabaseChanges(context).undo(side, on: connection) { $0 == .tableFence }
        } catch let error as PostgresError where error.sqlState == "55P03" {
            context.log(
                .warning, "cutover",
                "the \(side.rawValue) takes writes again, and triggers of the fence stay on some tables "
                    + "until the migration ends: \(error)"
            )
        }
    }

    /// Sets up again the fence that an aborted cutover had removed.
    static func setUpAgain(on connection: borrowing PostgresConnection, _ side: Side, _ context: RoleContext)
        throws
    {
        let last = try context.record().changes.last { $0.side == side && $0.kind.isFence }
        _ = try setUp(last?.kind == .tableFence ? .tables : .database, on: connection, side, context)
    }
}
