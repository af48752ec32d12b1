/// A meter of event rates: counts events by the second, for ten minutes, and in fewer stretches for the whole
/// leg. A value: times are arguments.
package struct RateMeter: Sendable {
    private static let secondsKept = 601
    private var buckets = [Int64](repeating: 0, count: secondsKept)
    private var newestSecond: Int
    private let startedAt: Double
    /// The first second of the history: that of this run, or of the earlier run that it continues.
    private var firstSecond: Int
    private var run: RunHistory
    private var peak = 0.0
    private var peakAt: Double?

    /// - Parameter earlier: the history that an earlier run on the same leg has published; nil if there is
    ///   none
    package init(startedAt: Double, continuing earlier: RateHistory? = nil) {
        self.startedAt = startedAt
        newestSecond = Int(startedAt)
        firstSecond = newestSecond
        run = earlier.map { RunHistory(continuing: $0.run) } ?? RunHistory(startedAt: startedAt)
        guard let earlier else { return }
        peak = earlier.peak
        peakAt = earlier.peakAt
        take(earlier)
    }

    package mutating func add(_ events: Int64, at now: Double) {
        advance(to: now)
        buckets[newestSecond % Self.secondsKept] += events
        run.add(events, at: now)
    }

    /// Returns the events per second over the last `seconds` whole seconds, or over this run if that is
    /// shorter.
    package mutating func rate(overSeconds seconds: Int, at now: Double) -> Double {
        advance(to: now)
        let span = min(Double(seconds), max(1, now - startedAt))
        let first = max(newestSecond - min(seconds, Self.secondsKept) + 1, Int(startedAt))
        return Double(events(from: first, to: newestSecond + 1)) / span
    }

    /// Returns the history up to now. Its stretches begin at multiples of their length, so that an old one
    /// does not change any more.
    package mutating func history(at now: Double) -> RateHistory {
        advance(to: now)
        let rate = Double(events(from: newestSecond - 2, to: newestSecond)) / 2
        if rate > peak { (peak, peakAt) = (rate, Double(newestSecond)) }
        return RateHistory(
            now: rate, peak: peak, peakAt: peakAt, last3Minutes: samples(ofSeconds: 3),
            last10Minutes: samples(ofSeconds: 10), run: run.samples)
    }

    /// The stretches of a length that are over and lie in the history.
    private func samples(ofSeconds seconds: Int) -> RateSamples {
        let end = newestSecond / seconds * seconds
        let first = max(
            end - RateSamples.samplesMax * seconds, firstSecond / seconds * seconds,
            newestSecond - Self.secondsKept + 1)
        let begins = Array(stride(from: end - seconds, through: first, by: -seconds).reversed())
        return RateSamples(
            beginsAt: begins.first ?? end, seconds: seconds,
            events: begins.map { events(from: $0, to: $0 + seconds) })
    }

    /// The events of the seconds from one on, up to another. Those that are not kept count as zero.
    private func events(from first: Int, to end: Int) -> Int64 {
        var sum: Int64 = 0
        let oldest = max(0, newestSecond - Self.secondsKept + 1)
        for second in max(oldest, first)..<max(oldest, first, end) {
            sum += buckets[second % Self.secondsKept]
        }
        return sum
    }

    /// Takes the samples of an earlier run: the short ones where there are some, and the long ones before
    /// them. The events of a sample count for its first second.
    private mutating func take(_ earlier: RateHistory) {
        let (short, long) = (earlier.last3Minutes, earlier.last10Minutes)
        for (begin, count) in long.stretches where begin < short.beginsAt {
            let counted = short.stretches.filter { $0.begin < begin + long.seconds }.reduce(0) {
                $0 + $1.count
            }
            take(max(0, count - counted), of: begin)
        }
        for (begin, count) in short.stretches { take(count, of: begin) }
    }

    private mutating func take(_ count: Int64, of second: Int) {
        guard second > newestSecond - Self.secondsKept, second < newestSecond, second >= 0 else { return }
        firstSecond = min(firstSecond, second)
        buckets[second % Self.secondsKept] += count
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

extension RateSamples {
    /// The stretches, each with the second at which it begins.
    fileprivate var stretches: [(begin: Int, count: Int64)] {
        events.enumerated().map { (begin: beginsAt + $0.offset * seconds, count: $0.element) }
    }
}
