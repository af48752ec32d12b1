import Postgres
import Records

/// The steps that set up and remove the fence, and what undoes them.
struct FenceStep {
    let context: RoleContext
    let side: Side
    let open: OpenCutover

    /// Fences the origin. Returns nil while a table is locked.
    func setUp(_ cutover: Cutover, startedAt: Double) throws -> String? {
        let connection = try context.connectAlone(side, step: Fence.step)
        let detail: String
        do {
            detail = try Fence.setUp(cutover.options.fence, on: connection, side, context)
        } catch let error as PostgresError where error.sqlState == "55P03" {
            // CREATE TRIGGER waits for those who write to the table.
            if cutover.options.disconnectSessions, cutover.options.fence == .tables {
                _ = try connection.endWriters(of: try ComparedTables.all(context).map(\.name))
            }
            try open.noteLock(
                .fence, error, startedAt: startedAt, secondsMax: context.options.limits.quiesceSeconds)
            return nil
        }
        // The server's clock decides which sessions began before.
        let now = try connection.query(
            "select extract(epoch from clock_timestamp())::text", doing: "read the clock")
        let fencedAt = now.scalar.flatMap { Double($0) } ?? secondsNow()
        try open.change { $0.fencedAt = fencedAt }
        guard cutover.options.disconnectSessions else { return detail }
        if cutover.options.fence == .tables {
            let ended = try connection.endWriters(of: try ComparedTables.all(context).map(\.name))
            return detail + "; \(counted(ended, "session")) disconnected"
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
        return detail + "; \(counted(sessions.ended, "session")) disconnected"
    }

    func remove() throws {
        let connection = try context.connectAlone(side, step: Fence.step)
        try Fence.remove(on: connection, side, context)
    }

    func setUpAgain() throws {
        let connection = try context.connectAlone(side, step: Fence.step)
        try Fence.setUpAgain(on: connection, side, context)
    }
}
