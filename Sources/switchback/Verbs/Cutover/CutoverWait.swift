import Engine
import Records

/// Decides what a verb that waits for a cutover prints after each reading of the status, and when its wait
/// ends. It has no clock and does not sleep.
struct CutoverWait {
    /// The state of the wait after a reading.
    enum Outcome: Equatable {
        case waits
        case completed
        case failed(VerbFailure)
    }

    private let side: Side
    /// The attempt that is waited for, known from the first reading on.
    private var id: String?
    private var progress = CutoverProgress()
    private var stall = CutoverStall()
    private var saidAbort = false

    init(to side: Side) { self.side = side }

    mutating func take(_ status: MigrationStatus) -> (lines: [String], outcome: Outcome) {
        guard let cutover = status.cutovers.last(where: { $0.to == side }), cutover.word != .notInitiated
        else { return ([], .failed(VerbFailure("no cutover to \(side.rawValue) is under way"))) }
        if let id, id != cutover.id {
            return (
                [],
                .failed(
                    VerbFailure(
                        "cutover to \(side.rawValue) was aborted, and another one was initiated since; see "
                            + "`switchback cutover status`"))
            )
        }
        id = cutover.id
        var lines = progress.lines(cutover)
        switch cutover.word {
        case .completed: return (lines, .completed)
        case .aborted: return (lines, .failed(Self.aborted(cutover)))
        case .notInitiated, .initiated: break
        }
        if cutover.isBeingAborted, !saidAbort {
            saidAbort = true
            lines.append("the cutover is being aborted: \(cutover.abortReason ?? "")")
        }
        let (line, failure) = stall.take(status, cutover)
        if let line { lines.append(line) }
        return (lines, failure.map(Outcome.failed) ?? .waits)
    }

    /// The failure of a wait whose cutover was aborted.
    static func aborted(_ cutover: CutoverStatus) -> VerbFailure {
        let step = cutover.failedStep.map { "; the step that failed: \($0.title)" } ?? ""
        let reason = cutover.abortReason ?? "no reason given"
        return VerbFailure("cutover to \(cutover.to.rawValue) was aborted: \(reason)\(step)")
    }
}

/// Decides what is said while a role cannot do its part of a cutover, and when the wait ends because of that.
struct CutoverStall {
    /// Time without a process for a role after which that is said; at a restart there is none for a moment.
    static let absentSecondsMin = 3.0
    /// Time without a process for a role after which the wait ends.
    static let absentSecondsMax = 300.0
    /// Time after which the wait ends because an error has stopped a role.
    static let stoppedSecondsMax = 30.0
    /// Age of a role's published status from which it is said that the role does not answer.
    static let silentSecondsMin = 60.0
    /// Time after which the same is said again.
    static let repeatSeconds = 60.0

    /// The reason why a cutover does not move.
    private enum Cause: Equatable {
        /// An error stopped the role; the operator has to mend it.
        case stopped(role: String, reason: String)
        /// No process runs the role.
        case absent(role: String)
        /// The role waits for its server.
        case retries(role: String, reason: String)
        /// A process has the role, and publishes nothing.
        case silent(role: String)
    }

    private var cause: Cause?
    private var since = 0.0
    private var saidAt: Double?

    /// Returns the line to print now, and the failure that ends the wait.
    mutating func take(_ status: MigrationStatus, _ cutover: CutoverStatus) -> (String?, VerbFailure?) {
        let found = Self.cause(of: status)
        // A clock that was set back begins the time anew.
        if found != cause || status.readAt < since { (cause, since, saidAt) = (found, status.readAt, nil) }
        guard let cause else { return (nil, nil) }
        let seconds = status.readAt - since
        if let failure = Self.failure(cause, after: seconds, cutover) { return (nil, failure) }
        if case .absent = cause, seconds < Self.absentSecondsMin { return (nil, nil) }
        if let saidAt, status.readAt - saidAt < Self.repeatSeconds { return (nil, nil) }
        saidAt = status.readAt
        return ("the cutover does not move: \(Self.words(cause))", nil)
    }

    private static func cause(of status: MigrationStatus) -> Cause? {
        let roles = MigrationHealth(status).roles
        if let role = roles.first(where: { $0.state?.word == .stopped }) {
            return .stopped(role: role.name, reason: role.state?.reason ?? "")
        }
        if let role = roles.first(where: { $0.processID == nil }) { return .absent(role: role.name) }
        if let role = roles.first(where: { $0.state?.word == .retrying }) {
            return .retries(role: role.name, reason: role.state?.reason ?? "")
        }
        if let role = roles.first(where: {
            $0.publishedAt ?? status.readAt <= status.readAt - silentSecondsMin
        }) {
            return .silent(role: role.name)
        }
        return nil
    }

    private static func words(_ cause: Cause) -> String {
        switch cause {
        case .stopped(let role, let reason):
            "an error stopped the \(role): \(reason); mend the cause, then resume or start it again"
        case .absent(let role):
            "the \(role) runs in no process; start its command or `switchback worker` again"
        case .retries(let role, let reason): "the \(role) waits for its server: \(reason)"
        case .silent(let role):
            "the process of the \(role) has published nothing for a minute; see `switchback status`"
        }
    }

    private static func failure(_ cause: Cause, after seconds: Double, _ cutover: CutoverStatus)
        -> VerbFailure?
    {
        let code: Int32
        switch cause {
        case .stopped where seconds >= stoppedSecondsMax: code = 1
        case .absent where seconds >= absentSecondsMax: code = 4
        case .stopped, .absent, .retries, .silent: return nil
        }
        let state =
            cutover.abortReason.map { "is being aborted (\($0)), and its steps are not undone yet" }
            ?? "is still initiated; `switchback abort cutover` undoes it"
        return VerbFailure(
            "stopped waiting after \(Int(seconds)) s: \(words(cause)). The cutover to "
                + "\(cutover.to.rawValue) \(state)", exitCode: code)
    }
}

/// The lines to print about a cutover after each reading: each state of a step once, and once that it awaits
/// approval.
struct CutoverProgress {
    private var said: [String: CutoverStepStatus.State] = [:]
    private var saidApproval = false

    mutating func lines(_ cutover: CutoverStatus) -> [String] {
        var lines: [String] = []
        for step in cutover.steps where step.state != .pending && said[step.title] != step.state {
            said[step.title] = step.state
            let detail = step.detail.isEmpty ? "" : " (\(step.detail))"
            lines.append("\(step.state.rawValue): \(step.title)\(detail)")
        }
        if cutover.awaitsApproval, !saidApproval {
            lines.append("awaiting approval before the release; run approve cutover to continue")
        }
        saidApproval = cutover.awaitsApproval
        if cutover.word == .completed { lines.append("cutover to \(cutover.to.rawValue) completed") }
        return lines
    }
}
