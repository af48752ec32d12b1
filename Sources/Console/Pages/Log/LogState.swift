import Engine

/// The operator's level, filter and position in the event log.
package struct LogState: Equatable, Sendable {
    /// The lowest level that is shown.
    package enum Level: String, CaseIterable, Sendable {
        case info
        case warning
        case error

        package var next: Level {
            switch self {
            case .info: .warning
            case .warning: .error
            case .error: .info
            }
        }
    }

    package var scroll = Scroll()
    package var follows = true
    package var level = Level.info
    package var filter = TextField()
    package var isFiltering = false

    package init() {}

    /// Returns the events that match level and filter.
    package func lines(_ data: ConsoleData) -> [LogEvent] {
        let wanted = Filter(filter.text)
        return data.events.filter { event in
            let isSerious =
                switch (level, event.level) {
                case (.info, _), (_, .critical), (.warning, .warning), (.warning, .error), (.error, .error):
                    true
                case (.warning, .info), (.error, .info), (.error, .warning): false
                }
            guard isSerious else { return false }
            return wanted.matches(event.origin + " " + event.message)
        }
    }
}
