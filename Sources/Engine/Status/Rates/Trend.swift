/// The trend of a value over the last minutes. A value: times are arguments.
struct Trend: Sendable, Equatable {
    private struct Reading: Equatable {
        let at: Double
        let value: Double
    }

    /// The readings that count, the oldest first.
    private var readings: [Reading] = []

    /// Time over which the trend is seen.
    static let secondsMax = 300.0
    /// Shortest time after which there is one.
    static let secondsMin = 30.0
    /// Shortest time between two readings that count.
    private static let pauseSeconds = 5.0

    /// Takes a reading; passes over one that comes soon after the last. A clock that was set back begins the
    /// trend anew.
    mutating func take(_ value: Int64, at now: Double) {
        if let last = readings.last {
            if now < last.at { readings = [] }
            guard now >= last.at + Self.pauseSeconds || now < last.at else { return }
        }
        readings.append(Reading(at: now, value: Double(value)))
        readings.removeAll { $0.at < now - Self.secondsMax }
    }

    /// Units per second: the slope of the line that fits the readings best. Nil until they span a while.
    var perSecond: Double? {
        guard let first = readings.first, let last = readings.last, last.at - first.at >= Self.secondsMin
        else { return nil }
        let count = Double(readings.count)
        let meanAt = readings.reduce(0) { $0 + ($1.at - first.at) } / count
        let mean = readings.reduce(0) { $0 + $1.value } / count
        var (product, square) = (0.0, 0.0)
        for reading in readings {
            let distance = reading.at - first.at - meanAt
            product += distance * (reading.value - mean)
            square += distance * distance
        }
        return square > 0 ? product / square : nil
    }
}
