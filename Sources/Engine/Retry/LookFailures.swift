import Postgres

/// Keeps a role's stream going where a look beside it met a condition that passes, a cancelled statement say: the next look is
/// as good. It says so in the event log, now and then.
final class LookFailures {
    private let context: RoleContext
    private let role: String
    private var saidAt = -LookFailures.sayingSeconds

    private static let sayingSeconds = 60.0

    init(_ context: RoleContext, role: String) {
        self.context = context
        self.role = role
    }

    /// What a look has found; nil where it failed and is to be made again. A lost connection is thrown: mostly the stream's own
    /// is lost with it.
    func passingOver<Finding>(_ look: () throws -> Finding?) throws -> Finding? {
        do { return try look() } catch {
            let condition = condition(of: error)
            guard condition.isPassing, condition != .connectionLost else { throw error }
            let now = steadySeconds()
            if now - saidAt >= Self.sayingSeconds {
                context.log(.warning, role, "\(error); it is looked at again")
                saidAt = now
            }
            return nil
        }
    }
}
