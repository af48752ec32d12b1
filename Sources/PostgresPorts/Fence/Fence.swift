import Engine
import Foundation
import Postgres
import Records

/// The fence of a cutover: it stops the application from writing to the side that it has to leave.
extension PostgresWork {
    /// Name of the fence's sessions. Setting up and removing share it, so that a session of an earlier
    /// attempt cannot set the fence up after its removal.
    private var fenceStep: String { "fence" }

    private var tableFence: TableFence { TableFence(context: context, side: side) }

    func setUpFence(
        _ form: CutoverFence, of tables: [QualifiedName], disconnecting disconnects: Bool,
        stands: (_ at: Double) throws -> Void
    ) throws -> StepAttempt {
        let connection = try context.connectAlone(side, step: fenceStep)
        let detail: String
        do {
            detail =
                switch form {
                case .database: try ReadOnlyFence.setUp(on: connection, side, context)
                case .tables: try tableFence.setUp(tables, on: connection)
                case .rights:
                    try RightsFence(context: context, side: side).setUp(tables, on: connection)
                case .nothing: "no fence, as the operator chose"
                }
        } catch let error as PostgresError where error.sqlState == "55P03" {
            // CREATE TRIGGER waits for those who write to the table.
            if disconnects, form == .tables { _ = try connection.endWriters(of: tables) }
            return .waits(for: error)
        }
        // The server's clock decides which sessions began before.
        let now = try connection.query(
            "select extract(epoch from clock_timestamp())::text", doing: "read the clock")
        let fencedAt = now.scalar.flatMap { Double($0) } ?? secondsNow()
        try stands(fencedAt)
        guard disconnects else { return .done(detail) }
        if form == .tables || form == .rights {
            let ended = try connection.endWriters(of: tables)
            return .done(detail + "; \(counted(ended, "session")) disconnected")
        }
        let sessions = try connection.disconnectSessions(before: fencedAt)
        guard sessions.unseen == 0 else {
            let user = quoteIdentifier(connection.user)
            throw RequestRefused(
                "\(counted(sessions.unseen, "session")) of other roles on the \(side.rawValue) cannot be "
                    + "seen, nor ended: grant pg_read_all_stats, pg_signal_backend to \(user), or end them "
                    + "and leave out --disconnect-sessions"
            )
        }
        let stays =
            sessions.superusers == 0
            ? "" : "; \(counted(sessions.superusers, "session")) of superusers stay, and can still write"
        return .done(detail + "; \(counted(sessions.ended, "session")) disconnected" + stays)
    }

    /// Triggers may stay on a table that another session has locked: they refuse nothing, and the next fence
    /// or the end of the migration removes them.
    func removeFence() throws {
        let connection = try context.connectAlone(side, step: fenceStep)
        try tableFence.open(on: connection)
        try DatabaseChanges(context).undo(side, on: connection) {
            $0 == .readOnlyFence || $0.isRevocation
        }
        do {
            try tableFence.removeTriggers(on: connection)
            try DatabaseChanges(context).undo(side, on: connection) { $0 == .tableFence }
        } catch let error as PostgresError where error.sqlState == "55P03" {
            context.log(
                .warning, "cutover",
                "the \(side.rawValue) takes writes again, and triggers of the fence stay on some tables "
                    + "until the migration ends: \(error)"
            )
        }
    }
}
