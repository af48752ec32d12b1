/// The history of a role's rate of events, as the role publishes it.
package struct RateHistory: Sendable, Codable, Equatable {
    /// Events per second over the last two whole seconds.
    package var now: Double
    /// The highest value that `now` had in this run.
    package var peak: Double
    package var last3Minutes: RateSamples
    package var last10Minutes: RateSamples
    /// The whole run, in fewer and longer samples the longer it lasts.
    package var run: RateSamples
}

/// Counts of events in stretches of equal length that follow each other.
package struct RateSamples: Sendable, Codable, Equatable {
    /// Length of a stretch.
    package var seconds: Int
    /// Events of each stretch, the oldest first.
    package var events: [Int64]

    package init(seconds: Int, events: [Int64] = []) {
        self.seconds = seconds
        self.events = events
    }

    /// Greatest number of samples.
    package static let samplesMax = 60

    /// Events per second in each stretch.
    package var rates: [Double] { events.map { Double($0) / Double(max(1, seconds)) } }
}

/// The counts of a whole run, in at most `RateSamples.samplesMax` stretches: when there are more, two at a
/// time become one. A value: times are arguments.
struct RunHistory: Sendable, Equatable {
    private(set) var samples = RateSamples(seconds: 3)
    private let startedAt: Int

    init(startedAt: Double) { startedAt = Int(startedAt) }

    mutating func add(_ count: Int64, at now: Double) {
        // A clock that was set back adds to the newest stretch.
        var index = max((Int(now) - startedAt) / samples.seconds, samples.events.count - 1, 0)
        while index >= RateSamples.samplesMax {
            halve()
            index = max((Int(now) - startedAt) / samples.seconds, samples.events.count - 1)
        }
        while samples.events.count <= index { samples.events.append(0) }
        samples.events[index] += count
    }

    private mutating func halve() {
        let events = samples.events
        samples.events = stride(from: 0, to: events.count, by: 2).map { first in
            events[first] + (first + 1 < events.count ? events[first + 1] : 0)
        }
        samples.seconds *= 2
    }
}
