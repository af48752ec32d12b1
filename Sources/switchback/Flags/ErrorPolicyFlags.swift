import ArgumentParser
import Engine

/// The flags for changes that cannot be applied. A rule without its flag stays.
struct ErrorPolicyFlags: ParsableArguments {
    @Option(
        help: .init(
            "abort: stop at a change that cannot be applied; stash-and-continue: write it to data/errors and "
                + "continue.")
    )
    var errorPolicyStreaming: StreamingErrorPolicy?

    @Option(help: "How many changes may be stashed before the import stops.")
    var maxErrorsStreaming: Int?

    mutating func validate() throws {
        if let maxErrorsStreaming, maxErrorsStreaming < 0 {
            throw ValidationError(
                "--max-errors-streaming \(maxErrorsStreaming) is out of bounds; give 0 or more")
        }
    }

    /// Leaves the request that changes the rules, if a flag changes them.
    func apply(to start: VerbStart) throws {
        var rules = try start.migration.status().incidentRules
        let before = rules
        switch errorPolicyStreaming {
        case .abort: rules.policy = .stop
        case .stashAndContinue: rules.policy = .stash
        case nil: break
        }
        if let maxErrorsStreaming { rules.incidentsMax = maxErrorsStreaming }
        guard rules != before else { return }
        _ = try start.migration.leave(.setErrorPolicy(rules), by: start.operatorName)
    }
}
