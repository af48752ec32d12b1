/// Waits until a condition holds, looking every 20 ms; throws with what was waited for when it does not within
/// `seconds`. What the condition throws passes through.
package func eventually(
    _ what: String, within seconds: Double = 30, _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(what: what, seconds: seconds) }
        try await Task.sleep(for: .milliseconds(20))
    }
}

package struct TimedOut: Error, CustomStringConvertible {
    let what: String
    let seconds: Double

    package var description: String { "not within \(Int(seconds)) s: \(what)" }
}
