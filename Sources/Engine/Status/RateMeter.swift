/// A meter of event rates: counts events by the second, for ten minutes. A value: times are arguments.
package struct RateMeter: Sendable {
    private static let secondsKept = 601
    private var buckets = [Int64](repeating: 0, count: secondsKept)
    private var newestSecond: Int
    private let startedAt: Double

    package init(startedAt: Double) {
        self.startedAt = startedAt
        newestSecond = Int(startedAt)
    }

    package mutating func add(_ events: Int64, at now: Double) {
        advance(to: now)
        buckets[newestSecond % Self.secondsKept] += events
    }

    /// Returns the events per second over the last `seconds` whole seconds, or over the run if that is
    /// shorter.
    package mutating func rate(overSeconds seconds: Int, at now: Double) -> Double {
        advance(to: now)
        let span = min(Double(seconds), max(1, now - startedAt))
        var sum: Int64 = 0
        for back in 0..<min(seconds, Self.secondsKept) where newestSecond - back >= 0 {
            sum += buckets[(newestSecond - back) % Self.secondsKept]
        }
        return Double(sum) / span
    }

    private mutating func advance(to now: Double) {
        let second = Int(now)
        guard second > newestSecond else { return }
        for passed in 1...min(second - newestSecond, Self.secondsKept) {
            buckets[(newestSecond + passed) % Self.secondsKept] = 0
        }
        newestSecond = second
    }
}
