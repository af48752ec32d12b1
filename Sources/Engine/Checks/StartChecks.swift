import Records

/// The checks before a role starts, and where their results go: failures are thrown, warnings logged or
/// announced.
struct StartChecks: Sendable {
    let context: RoleContext

    func run(_ side: Side) throws {
        let results = try context.side(side).checks(forFallBack: false)
        if let refusal = Self.refusal(of: results) { throw refusal }
        if side == .target { logWarnings(results) }
    }

    /// Returns the failures as one message; nil if there is none.
    static func refusal(of results: [CheckResult]) -> RequestRefused? {
        let failures = results.filter { $0.state == .failure }
        guard !failures.isEmpty else { return nil }
        return RequestRefused(
            failures.map { failure in
                "\(failure.side.rawValue): \(failure.name): \(failure.found)"
                    + (failure.wanted.isEmpty ? "" : "; wanted: \(failure.wanted)")
                    + (failure.remedy.isEmpty ? "" : "; to mend it: \(failure.remedy)")
            }.joined(separator: "\n"))
    }

    /// Logs and announces what the source lacks for the fall-back.
    func announceFallBack() throws {
        let results = try context.side(.source).checks(forFallBack: true)
        logWarnings(results)
        for result in results where result.state == .failure {
            context.announce(
                "for the fall-back: \(result.name): \(result.found); wanted: \(result.wanted); to mend it: "
                    + "\(result.remedy)"
            )
        }
    }

    /// Announces the tables that will be slow to write to.
    func announceLookups(_ side: Side, for use: String = "") throws {
        for warning in try context.side(side).lookupChecks() {
            context.announce(
                "\(use)\(warning.name) on the \(side.rawValue): \(warning.found); to mend it: "
                    + "\(warning.remedy)"
            )
        }
    }

    private func logWarnings(_ results: [CheckResult]) {
        for result in results where result.state == .warning {
            context.log(
                .warning, "check",
                "\(result.side.rawValue): \(result.name): \(result.found); wanted: \(result.wanted); to mend "
                    + "it: \(result.remedy)"
            )
        }
    }
}
