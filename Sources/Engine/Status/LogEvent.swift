/// An entry of the event log.
package struct LogEvent: Sendable, Equatable, Identifiable {
    /// The level of an event is the severity of what it reports.
    package typealias Level = Severity

    package let id: Int64
    package let at: Double
    package let level: Level
    /// `capture`, `apply`, `cutover`, `schema`, `operator` …
    package let origin: String
    package let message: String

    package init(id: Int64, at: Double, level: Level, origin: String, message: String) {
        self.id = id
        self.at = at
        self.level = level
        self.origin = origin
        self.message = message
    }
}
