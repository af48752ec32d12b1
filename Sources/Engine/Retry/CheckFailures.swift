/// Failures of a monitor's checks. A condition that passes, a cancelled statement for example, does not stop
/// the stream: the next check reads the same facts. The event log gets a warning now and then.
package final class CheckFailures {
    private let context: RoleContext
    private let role: Role
    private var warnedAt = -CheckFailures.warningSeconds

    private static let warningSeconds = 60.0

    package init(_ context: RoleContext, role: Role) {
        self.context = context
        self.role = role
    }

    /// Returns what a check found; nil if it failed and is to be repeated. Throws a lost connection: mostly
    /// the stream's own is lost with it.
    package func finding<Finding>(_ check: () throws -> Finding?) throws -> Finding? {
        do { return try check() } catch {
            let condition = condition(of: error)
            guard condition.isPassing, condition != .connectionLost else { throw error }
            let now = monotonicSeconds()
            if now - warnedAt >= Self.warningSeconds {
                context.log(.warning, role.rawValue, "\(error); the check is repeated")
                warnedAt = now
            }
            return nil
        }
    }
}
