/// The history of a role's rate of events, as the role publishes it. The next run of the role continues it.
package struct RateHistory: Sendable, Codable, Equatable {
    /// Events per second over the last two whole seconds.
    package var now: Double
    /// The highest value that `now` had on this leg.
    package var peak: Double
    /// Time at which it had that value, in seconds since 1970; nil before the first event.
    package var peakAt: Double?
    package var last3Minutes: RateSamples
    package var last10Minutes: RateSamples
    /// The whole leg, over all runs, in fewer and longer samples the longer it lasts.
    package var run: RateSamples

    package init(
        now: Double, peak: Double, peakAt: Double?, last3Minutes: RateSamples, last10Minutes: RateSamples,
        run: RateSamples
    ) {
        self.now = now
        self.peak = peak
        self.peakAt = peakAt
        self.last3Minutes = last3Minutes
        self.last10Minutes = last10Minutes
        self.run = run
    }
}

/// Counts of events in stretches of equal length that follow each other.
package struct RateSamples: Sendable, Codable, Equatable {
    /// Second at which the first stretch begins, since 1970.
    package var beginsAt: Int
    /// Length of a stretch.
    package var seconds: Int
    /// Events of each stretch, the oldest first.
    package var events: [Int64]

    package init(beginsAt: Int, seconds: Int, events: [Int64] = []) {
        self.beginsAt = beginsAt
        self.seconds = seconds
        self.events = events
    }

    /// Greatest number of samples.
    package static let samplesMax = 60

    /// Events per second in each stretch.
    package var rates: [Double] { events.map { Double($0) / Double(max(1, seconds)) } }

    /// Second at which the last stretch ends.
    package var endsAt: Int { beginsAt + events.count * seconds }
}

/// The counts of a whole leg, in at most `RateSamples.samplesMax` stretches: when there are more, two at a
/// time become one. A value: times are arguments.
struct RunHistory: Sendable, Equatable {
    private(set) var samples: RateSamples

    private static let firstSeconds = 3

    init(startedAt: Double) {
        samples = RateSamples(beginsAt: Int(startedAt), seconds: Self.firstSeconds)
    }

    /// Continues the history of an earlier run. Between the two runs there was no event.
    init(continuing earlier: RateSamples) {
        samples = earlier
        samples.seconds = max(1, earlier.seconds)
    }

    mutating func add(_ count: Int64, at now: Double) {
        while index(at: now) >= RateSamples.samplesMax { halve() }
        let index = index(at: now)
        while samples.events.count <= index { samples.events.append(0) }
        samples.events[index] += count
    }

    /// The stretch of a time. A clock that was set back adds to the newest stretch.
    private func index(at now: Double) -> Int {
        max((Int(now) - samples.beginsAt) / samples.seconds, samples.events.count - 1, 0)
    }

    private mutating func halve() {
        let events = samples.events
        samples.events = stride(from: 0, to: events.count, by: 2).map { first in
            events[first] + (first + 1 < events.count ? events[first + 1] : 0)
        }
        samples.seconds *= 2
    }
}
