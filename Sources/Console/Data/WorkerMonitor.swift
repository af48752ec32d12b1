/// Decides when a worker that is gone is restarted. A value: checks go in, a decision comes out.
package struct WorkerMonitor: Equatable, Sendable {
    package static let attemptsMax = 5
    /// Wait before the second attempt; each further attempt waits twice as long.
    package static let firstDelaySeconds = 1.0
    /// Longest wait before an attempt.
    private static let longestDelaySeconds = firstDelaySeconds * Double(1 << (attemptsMax - 1))
    /// Time that a new process needs to take its lock.
    package static let graceSeconds = 5.0
    /// Time for which the alert line reports a restart.
    package static let recoveryNewsSeconds = 15.0
    /// Uptime after which earlier attempts no longer count.
    package static let steadySeconds = 30.0

    /// The action after a check.
    package enum Decision: Equatable, Sendable {
        case nothing
        case start
    }

    package private(set) var attempts = 0
    package private(set) var nextAttemptAt: Double = 0
    /// The last known process, named in the alert that it is gone.
    package private(set) var lastProcess: Int32?
    package private(set) var failure: String?
    package private(set) var isGone = false
    /// The operator stopped the worker, so only the operator starts it.
    package var isStoppedByOperator = false
    package private(set) var lastStarted: Int32?
    /// Whether no attempt is left and the last one has failed.
    package private(set) var hasGivenUp = false
    private var aliveSince: Double?
    /// Time at which a worker that was gone was found running again.
    private var recoveredAt: Double?

    package init() {}

    /// Takes one check of the worker and returns what to do.
    package mutating func check(
        isAlive: Bool, isWanted: Bool, process: Int32?, now: Double
    ) -> Decision {
        if isAlive {
            if isGone { recoveredAt = now }
            if let recovered = recoveredAt, now - recovered > WorkerMonitor.recoveryNewsSeconds {
                recoveredAt = nil
            }
            if recoveredAt == nil, let process { lastProcess = process }
            // Somebody started it again, so the stop is over.
            if aliveSince == nil { isStoppedByOperator = false }
            isGone = false
            hasGivenUp = false
            let since = aliveSince ?? now
            aliveSince = since
            if now - since >= WorkerMonitor.steadySeconds {
                attempts = 0
                failure = nil
            }
            return .nothing
        }
        if recoveredAt != nil { lastProcess = lastStarted }
        recoveredAt = nil
        aliveSince = nil
        guard isWanted, !isStoppedByOperator else {
            isGone = false
            return .nothing
        }
        // A clock that was set back makes no longer wait.
        if attempts > 0, now < nextAttemptAt, nextAttemptAt - now <= Self.longestDelaySeconds {
            return .nothing
        }
        isGone = true
        guard attempts < WorkerMonitor.attemptsMax else {
            hasGivenUp = true
            return .nothing
        }
        attempts += 1
        let delay = WorkerMonitor.firstDelaySeconds * Double(1 << (attempts - 1))
        nextAttemptAt = now + max(WorkerMonitor.graceSeconds, delay)
        return .start
    }

    /// A worker was started; it gets time to take its lock.
    package mutating func started(_ process: Int32, now: Double) {
        failure = nil
        isStoppedByOperator = false
        nextAttemptAt = max(nextAttemptAt, now + WorkerMonitor.graceSeconds)
        attempts = max(1, attempts)
        lastStarted = process
    }

    /// A start failed.
    package mutating func failed(_ reason: String) {
        failure = reason
        isGone = true
    }

    /// The operator pressed the key: the attempts are counted from 0 again.
    package mutating func startOver() {
        attempts = 0
        hasGivenUp = false
        nextAttemptAt = 0
        failure = nil
        isStoppedByOperator = false
    }

    /// The sentence for the alert line, nil while all is well.
    package var alert: Notice? {
        if isStoppedByOperator, aliveSince == nil {
            return Notice(.warning, "The worker was stopped; nothing is copied or applied. w starts it.")
        }
        if recoveredAt != nil, let lastStarted {
            guard let lastProcess else {
                return Notice(.info, "No worker was running; process \(lastStarted) was started.")
            }
            return Notice(
                .info,
                "The worker was gone (was process \(lastProcess)); it runs again as process \(lastStarted).")
        }
        guard isGone else { return nil }
        if hasGivenUp {
            let why = failure.map { ": \($0)" } ?? "; see logs/ in the export directory"
            return Notice(
                .error,
                "The worker did not start in \(WorkerMonitor.attemptsMax) attempts\(why). w tries again.")
        }
        if let failure {
            return Notice(
                .error,
                "The worker could not be started: \(failure). Attempt \(max(1, attempts)) of "
                    + "\(WorkerMonitor.attemptsMax)."
            )
        }
        guard let lastProcess else { return Notice(.warning, "No worker is running; starting it.") }
        return Notice(.warning, "The worker is gone (was process \(lastProcess)); starting it again.")
    }
}
