/// The interval between two checks of a monitor.
package struct MonitorPace: Sendable, Equatable {
    /// Seconds between two checks; more if a check takes long.
    package var secondsMin: Double
    /// The largest part of the time that checks take.
    package var timeShareMax: Double

    package init(secondsMin: Double, timeShareMax: Double) {
        self.secondsMin = secondsMin
        self.timeShareMax = timeShareMax
    }

    /// The pace of the checks for schema changes.
    package static let schemaChanges = MonitorPace(secondsMin: 2, timeShareMax: 0.02)
    /// The pace of the checks for tables that need one channel.
    package static let tablesOfOneKey = MonitorPace(secondsMin: 5, timeShareMax: 0.02)

    /// The pace at which the gates read servers and rights.
    package static let gates = MonitorPace(secondsMin: 3, timeShareMax: 0.02)
    /// The pace at which the gates read the catalogs.
    package static let catalogs = MonitorPace(secondsMin: 10, timeShareMax: 0.02)

    /// The pace at which the alerts are judged and kept.
    package static let alerts = MonitorPace(secondsMin: 2, timeShareMax: 0.02)

    /// Returns how long to wait after a check.
    package func waitSeconds(afterCheckOf checkSeconds: Double) -> Double {
        max(secondsMin, checkSeconds / timeShareMax)
    }
}
