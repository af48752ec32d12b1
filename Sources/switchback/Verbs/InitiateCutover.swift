import ArgumentParser
import Engine
import Records

/// The flags of both cutovers that yb-voyager has not.
struct CutoverFlags: ParsableArguments {
    @Option(help: "Compare all tables on both sides before the application is released.") var verify = ValuedBoolean.no
    @Option(help: "Wait for approve cutover before the application is released.") var hold = ValuedBoolean.no
    @Option(help: "Disconnect the sessions that still write when the database becomes read-only.")
    var disconnectSessions = ValuedBoolean.no
    @Option(name: .customLong("wait"), help: "Wait until the cutover has completed.") var waits = ValuedBoolean.no
}

/// `initiate cutover to target`
struct InitiateCutoverToTarget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target", abstract: "Switch the application over to the target.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "Stream the target's changes back to the source afterwards; must be stated.")
    var prepareForFallBack: ValuedBoolean?
    @OptionGroup var cutover: CutoverFlags
    @OptionGroup var withoutEffect: CutoverToTargetFlagsWithoutEffect

    mutating func validate() throws {
        try requireFlags([("prepare-for-fall-back", prepareForFallBack != nil)])
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global, secrets: [withoutEffect.sourceDbPassword])
        start.notice(CutoverToTargetFlagsWithoutEffect.notice(given: Invocation.current.flags))
        try await start.initiate(
            CutoverOptions(
                to: .target, prepareForFallBack: prepareForFallBack?.isTrue == true, verify: cutover.verify.isTrue,
                holdBeforeRelease: cutover.hold.isTrue, disconnectSessions: cutover.disconnectSessions.isTrue),
            yes: global.yes, waits: cutover.waits.isTrue)
    }
}

/// `initiate cutover to source`
struct InitiateCutoverToSource: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Switch the application back to the source.")

    @OptionGroup var global: GlobalFlags
    @Option(help: .hidden) var restartDataMigrationSourceTarget = ValuedBoolean.no
    @OptionGroup var cutover: CutoverFlags

    mutating func validate() throws {
        if restartDataMigrationSourceTarget.isTrue {
            throw ValidationError(
                "--restart-data-migration-source-target true is not supported yet; begin the next round in an export "
                    + "directory of its own")
        }
    }

    func run() async throws {
        try await VerbStart(.existing, flags: global).initiate(
            CutoverOptions(
                to: .source, prepareForFallBack: false, verify: cutover.verify.isTrue,
                holdBeforeRelease: cutover.hold.isTrue, disconnectSessions: cutover.disconnectSessions.isTrue),
            yes: global.yes, waits: cutover.waits.isTrue)
    }
}

extension VerbStart {
    /// Leaves the request, once, and where asked waits for its end.
    func initiate(_ options: CutoverOptions, yes: Bool, waits: Bool) async throws {
        switch try standing(of: options.to)?.word {
        case .initiated, .completed:
            Terminal.output.line("cutover to \(options.to.rawValue) already initiated")
        case .notInitiated, .aborted, nil:
            // The refusal comes before the question: a cutover that cannot be is not worth an answer.
            if let reason = try migration.refusal(of: .initiateCutover(options)) { throw VerbFailure(reason) }
            // Scripts run this verb without a terminal and without --yes.
            let question = "Are you sure you want to initiate cutover to \(options.to.rawValue)"
            guard
                try StopRequests.whileAsking({ try Prompt.confirm(question, yes: yes || !Terminal.inputIsTerminal) })
            else {
                Terminal.output.line("Aborting cutover to \(options.to.rawValue)")
                return
            }
            _ = try migration.leave(.initiateCutover(options), by: operatorName)
            log.notice("cutover to \(options.to.rawValue) initiated")
            Terminal.output.line("cutover to \(options.to.rawValue) initiated, wait for it to complete")
        }
        if waits { try await waitForEnd(of: options.to) }
    }

    /// The newest cutover to a side, as it stands.
    func standing(of side: Side) throws -> CutoverStatus? {
        try migration.status().cutovers.last { $0.to == side }
    }

    /// Prints the steps as they end, until the cutover has completed or was taken back.
    private func waitForEnd(of side: Side) async throws {
        StopRequests.endInGoodOrder()
        var progress = CutoverProgress()
        while true {
            if StopRequests.signal.isRequested {
                throw VerbFailure("stopped waiting; the cutover itself goes on, see cutover status")
            }
            if let cutover = try standing(of: side) {
                for line in progress.lines(cutover) { Terminal.output.line(line) }
                switch cutover.word {
                case .completed: return
                case .aborted:
                    throw VerbFailure("cutover to \(side.rawValue) was aborted: \(cutover.abortReason ?? "no reason given")")
                case .notInitiated, .initiated: break
                }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

/// What to say of a cutover from one look to the next: each step once a state, the hold once.
struct CutoverProgress {
    private var said: [String: CutoverStepStatus.State] = [:]
    private var saidHeld = false

    mutating func lines(_ cutover: CutoverStatus) -> [String] {
        var lines: [String] = []
        for step in cutover.steps where step.state != .pending && said[step.title] != step.state {
            said[step.title] = step.state
            let detail = step.detail.isEmpty ? "" : " (\(step.detail))"
            lines.append("\(step.state.rawValue): \(step.title)\(detail)")
        }
        if cutover.isHeld, !saidHeld { lines.append("held before the release; run approve cutover to go on") }
        saidHeld = cutover.isHeld
        if cutover.word == .completed { lines.append("cutover to \(cutover.to.rawValue) completed") }
        return lines
    }
}
