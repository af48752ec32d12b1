/// The samples of a value over time, for a curve. Each sample is the greatest reading of its stretch of time;
/// the stretches begin at multiples of their length, so that a sample never changes after its stretch. A
/// stretch without a reading is a gap.
package struct SampleSeries: Equatable, Sendable {
    private let secondsPerSample: Double
    private let capacity: Int
    /// The greatest readings by the numbers of their stretches, at most `capacity` of them.
    private var samples: [Int: Double] = [:]

    package init(secondsPerSample: Double, capacity: Int) {
        precondition(secondsPerSample > 0 && capacity > 0)
        self.secondsPerSample = secondsPerSample
        self.capacity = capacity
    }

    /// Adds a reading. A time before the kept stretches is ignored.
    package mutating func record(_ value: Double, at moment: Double) {
        guard value.isFinite, moment.isFinite else { return }
        let stretch = stretch(of: moment)
        samples[stretch] = max(value, samples[stretch] ?? value)
        if samples.count > capacity {
            let first = (samples.keys.max() ?? stretch) - capacity + 1
            samples = samples.filter { $0.key >= first }
        }
    }

    /// Returns the samples up to a moment, the oldest first and as many as there is room for.
    package func values(upTo moment: Double) -> [Double?] {
        let last = stretch(of: moment)
        return (last - capacity + 1...last).map { samples[$0] }
    }

    private func stretch(of moment: Double) -> Int { Int((moment / secondsPerSample).rounded(.down)) }
}
