import Engine

/// The operator's choices about the event log.
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

    package var list = ListChoice()
    package var follows = true
    package var level = Level.info

    package init() {}

    package static let orders: [ListOrder<LogEvent>] = [
        ListOrder("time"), ListOrder("level", by: { $0.level }), ListOrder("origin", by: { $0.origin }),
    ]

    /// Returns the events that match level and filter, in the chosen order.
    package func lines(_ data: ConsoleData) -> [LogEvent] {
        let serious = data.events.filter { event in
            switch (level, event.level) {
            case (.info, _), (_, .critical), (.warning, .warning), (.warning, .error), (.error, .error): true
            case (.warning, .info), (.error, .info), (.error, .warning): false
            }
        }
        return list.arranged(serious, by: Self.orders) { $0.origin + " " + $0.message }
    }

    /// The index of the chosen event: the newest one while the page follows it.
    package func chosen(_ lines: [LogEvent]) -> Int {
        guard follows else { return min(list.scroll.selected, max(0, lines.count - 1)) }
        return lines.indices.max { lines[$0].id < lines[$1].id } ?? 0
    }
}
