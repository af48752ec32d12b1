/// Waits until a condition is true, checked every 20 ms. Throws with what was waited for if it is not true
/// within `seconds`. Errors of the condition are passed on.
package func eventually(
    _ what: String, within seconds: Double = 30, _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(what: what, seconds: seconds) }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// The error for an event that did not come in time.
package struct TimedOut: Error, CustomStringConvertible {
    let what: String
    let seconds: Double

    package var description: String { "not within \(Int(seconds)) s: \(what)" }
}
