import ArgumentParser
import Engine

/// The flags that say what becomes of changes that cannot be applied. Where none is given, what was said last holds.
struct ErrorPolicyFlags: ParsableArguments {
    @Option(
        help:
            "abort stops at a change that cannot be applied; stash-and-continue writes it to data/errors and goes on."
    )
    var errorPolicyStreaming: StreamingErrorPolicy?

    @Option(help: "How many changes may be stashed before the import stops all the same.")
    var maxErrorsStreaming: Int?

    mutating func validate() throws {
        if let maxErrorsStreaming, maxErrorsStreaming < 0 {
            throw ValidationError(
                "--max-errors-streaming \(maxErrorsStreaming) is out of bounds; give 0 or more")
        }
    }

    /// Leaves the request that makes what was given the rule.
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
