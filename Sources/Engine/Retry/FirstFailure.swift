import Synchronization

/// The first error that ended one of a process's roles. The role that met it publishes the error; the other
/// one shows that it waits for that role.
package final class FirstFailure: Sendable {
    /// The role that failed first, with its error.
    package struct Cause: Sendable, Equatable {
        package let role: Role
        /// The verb that does the role's work: `export data from source`.
        package let work: String
        package let reason: String
    }

    private let cause = Mutex<Cause?>(nil)

    /// Keeps the first cause; later ones are ignored.
    package func note(_ new: Cause) { cause.withLock { if $0 == nil { $0 = new } } }

    package var first: Cause? { cause.withLock { $0 } }

    /// Returns the state that a role shows after this error has ended it.
    package func state(of role: Role, after error: any Error, at now: Double) -> RoleState {
        guard isStop(error) else { return RoleState(word: .stopped, reason: "\(error)", since: now) }
        guard let first else {
            return RoleState(word: .ended, reason: "\(StopRequested())", since: now)
        }
        guard first.role != role else { return RoleState(word: .stopped, reason: first.reason, since: now) }
        return RoleState(
            word: .waiting, reason: "for \(first.work), which has stopped: \(first.reason)", since: now)
    }
}
