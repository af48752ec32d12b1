/// Decides when a worker that is gone is started again. A value: looks go in, a decision comes out.
package struct WorkerMonitor: Equatable, Sendable {
    package static let attemptsMax = 5
    /// Seconds before the second attempt; each further one waits twice as long.
    package static let firstDelaySeconds = 1.0
    /// A process just started needs this long to take its lock.
    package static let graceSeconds = 5.0
    /// For so long the alert line says that a worker was started again.
    package static let recoveryNewsSeconds = 15.0
    /// A worker alive for so long has its failures forgiven.
    package static let steadySeconds = 30.0

    package enum Decision: Equatable, Sendable {
        case nothing
        case start
    }

    package private(set) var attempts = 0
    package private(set) var nextAttemptAt: Double = 0
    /// The process known last, for the sentence that says it is gone.
    package private(set) var lastProcess: Int32?
    package private(set) var failure: String?
    package private(set) var isGone = false
    /// The operator ended the worker in good order, so nobody starts it but the operator.
    package var isStoppedByOperator = false
    package private(set) var lastStarted: Int32?
    /// No attempt is left and the last one had its time.
    package private(set) var hasGivenUp = false
    private var aliveSince: Double?
    /// When a worker that was gone was found alive again.
    private var recoveredAt: Double?
    private var startedAt: Double?

    package init() {}

    package mutating func check(
        isAlive: Bool, isWanted: Bool, process: Int32?, now: Double
    ) -> Decision {
        if isAlive {
            if isGone { recoveredAt = now }
            if let recovered = recoveredAt, now - recovered > WorkerMonitor.recoveryNewsSeconds {
                recoveredAt = nil
            }
            if recoveredAt == nil, let process { lastProcess = process }
            // One that comes back was started by somebody, so the stop is over.
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
        if attempts > 0, now < nextAttemptAt { return .nothing }
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

    /// A worker was started; it is given time to take its lock.
    package mutating func started(_ process: Int32, now: Double) {
        failure = nil
        isStoppedByOperator = false
        startedAt = now
        nextAttemptAt = max(nextAttemptAt, now + WorkerMonitor.graceSeconds)
        attempts = max(1, attempts)
        lastStarted = process
    }

    /// Whether a worker started a moment ago may still be on its way.
    package func isStarting(now: Double) -> Bool {
        startedAt.map { now - $0 < WorkerMonitor.graceSeconds } ?? false
    }

    package mutating func failed(_ reason: String) {
        failure = reason
        isGone = true
    }

    /// The operator pressed the key: all attempts are free again.
    package mutating func startOver() {
        attempts = 0
        hasGivenUp = false
        nextAttemptAt = 0
        failure = nil
        isStoppedByOperator = false
    }

    /// The sentence for the alert line, nil while all is well.
    package var alert: Alert? {
        if isStoppedByOperator, aliveSince == nil {
            return Alert(.warning, "The worker was stopped; nothing moves. W starts it.")
        }
        if recoveredAt != nil, let lastStarted {
            guard let lastProcess else {
                return Alert(.info, "No worker was running; process \(lastStarted) was started.")
            }
            return Alert(
                .info,
                "The worker was gone (was process \(lastProcess)); it runs again as process \(lastStarted).")
        }
        guard isGone else { return nil }
        if hasGivenUp {
            let why = failure.map { ": \($0)" } ?? ", it ended each time; read logs/ in the export directory"
            return Alert(
                .error,
                "The worker did not start in \(WorkerMonitor.attemptsMax) attempts\(why). W tries again.")
        }
        if let failure {
            return Alert(
                .error,
                "The worker could not be started: \(failure). Attempt \(max(1, attempts)) of \(WorkerMonitor.attemptsMax)."
            )
        }
        guard let lastProcess else { return Alert(.warning, "No worker is running; starting it.") }
        return Alert(.warning, "The worker is gone (was process \(lastProcess)); starting it again.")
    }
}
