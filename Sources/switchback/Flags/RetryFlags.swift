import ArgumentParser

/// The bound of retries while changes are applied.
struct RetryFlags: ParsableArguments {
    @Option(
        help: .init(
            "How often in a row a transaction is retried that the database refuses for a passing reason, "
                + "before the import stops (19). A connection that is lost is always awaited."))
    var maxRetriesStreaming: Int?

    private static let retriesMax = 10_000

    /// Attempts, the first one included; nil without the flag.
    var attemptsMax: Int? { maxRetriesStreaming.map { $0 + 1 } }

    mutating func validate() throws {
        if let maxRetriesStreaming, !(0...Self.retriesMax).contains(maxRetriesStreaming) {
            throw ValidationError(
                "--max-retries-streaming \(maxRetriesStreaming) is out of bounds; give 0 to "
                    + "\(Self.retriesMax)")
        }
    }
}
