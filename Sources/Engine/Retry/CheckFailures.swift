import Postgres

/// Keeps a role's stream going where a look beside it met a condition that passes, a cancelled statement say: the next look is
/// as good. It says so in the event log, now and then.
final class CheckFailures {
    private let context: RoleContext
    private let role: Role
    private var warnedAt = -CheckFailures.warningSeconds

    private static let warningSeconds = 60.0

    init(_ context: RoleContext, role: Role) {
        self.context = context
        self.role = role
    }

    /// What a look has found; nil where it failed and is to be made again. A lost connection is thrown: mostly the stream's own
    /// is lost with it.
    func finding<Finding>(_ check: () throws -> Finding?) throws -> Finding? {
        do { return try check() } catch {
            let condition = condition(of: error)
            guard condition.isPassing, condition != .connectionLost else { throw error }
            let now = monotonicSeconds()
            if now - warnedAt >= Self.warningSeconds {
                context.log(.warning, role.rawValue, "\(error); it is looked at again")
                warnedAt = now
            }
            return nil
        }
    }
}
