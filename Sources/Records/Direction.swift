/// One of the two databases of a migration. The names never swap: after a cutover the source is still the
/// source, and the direction says from which database the changes come.
package enum Side: String, Sendable, Codable, CaseIterable {
    case source
    case target

    package var other: Side {
        switch self {
        case .source: .target
        case .target: .source
        }
    }
}

/// The direction in which changes are streamed.
package enum Direction: String, Sendable, Codable, CaseIterable {
    /// Source to target.
    case forward
    /// Target to source: the stream of the fall-back.
    case reverse

    /// The direction in which changes stream to a database.
    package init(to destination: Side) {
        switch destination {
        case .source: self = .reverse
        case .target: self = .forward
        }
    }

    package var opposite: Direction {
        switch self {
        case .forward: .reverse
        case .reverse: .forward
        }
    }

    /// The database whose changes are captured.
    package var origin: Side {
        switch self {
        case .forward: .source
        case .reverse: .target
        }
    }

    /// The database the changes are applied to.
    package var destination: Side { origin.other }
}
