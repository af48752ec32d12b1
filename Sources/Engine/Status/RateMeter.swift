/// A meter of event rates: counts events by the second, for ten minutes, and in fewer stretches for the whole
/// run. A value: times are arguments.
package struct RateMeter: Sendable {
    private static let secondsKept = 601
    private var buckets = [Int64](repeating: 0, count: secondsKept)
    private var newestSecond: Int
    private let startedAt: Double
    private var run: RunHistory
    private var peak = 0.0

    package init(startedAt: Double) {
        self.startedAt = startedAt
        newestSecond = Int(startedAt)
        run = RunHistory(startedAt: startedAt)
    }

    package mutating func add(_ events: Int64, at now: Double) {
        advance(to: now)
        buckets[newestSecond % Self.secondsKept] += events
        run.add(events, at: now)
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

    /// Returns the history up to now. Its stretches begin at multiples of their length, so that an old one
    /// does not change any more.
    package mutating func history(at now: Double) -> RateHistory {
        advance(to: now)
        let rate = Double(events(from: newestSecond - 2, to: newestSecond)) / 2
        peak = max(peak, rate)
        return RateHistory(
            now: rate, peak: peak, last3Minutes: samples(ofSeconds: 3), last10Minutes: samples(ofSeconds: 10),
            run: run.samples)
    }

    /// The stretches of a length that are over and lie in this run.
    private func samples(ofSeconds seconds: Int) -> RateSamples {
        let end = newestSecond / seconds * seconds
        let first = max(
            end - RateSamples.samplesMax * seconds, Int(startedAt) / seconds * seconds,
            newestSecond - Self.secondsKept + 1)
        let begins = stride(from: end - seconds, through: first, by: -seconds)
        return RateSamples(
            seconds: seconds, events: begins.map { events(from: $0, to: $0 + seconds) }.reversed())
    }

    /// The events of the seconds from one on, up to another; both are among those that are kept.
    private func events(from first: Int, to end: Int) -> Int64 {
        var sum: Int64 = 0
        for second in max(0, first)..<max(0, end) { sum += buckets[second % Self.secondsKept] }
        return sum
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
