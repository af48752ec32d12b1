import Synchronization

/// The first error that ended one of the roles of a process. The role that met it publishes it, and the other one says that
/// it waits for that role.
final class FirstFailure: Sendable {
    struct Cause: Sendable, Equatable {
        let role: Role
        /// As the command that does the role's work is called: `export data from source`.
        let work: String
        let reason: String
    }

    private let cause = Mutex<Cause?>(nil)

    /// Keeps a cause; the first one stands.
    func note(_ new: Cause) { cause.withLock { if $0 == nil { $0 = new } } }

    var first: Cause? { cause.withLock { $0 } }

    /// What a role shows that has ended with this error.
    func state(of role: Role, after error: any Error, at now: Double) -> RoleState {
        guard isStop(error) else { return RoleState(word: .stopped, reason: "\(error)", since: now) }
        guard let first else {
            return RoleState(word: .ended, reason: "\(StopRequested())", since: now)
        }
        guard first.role != role else { return RoleState(word: .stopped, reason: first.reason, since: now) }
        return RoleState(
            word: .waiting, reason: "for \(first.work), which has stopped: \(first.reason)", since: now)
    }
}
