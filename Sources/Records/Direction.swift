/// Which of the two databases is meant. The names never swap: after a cutover the source is
/// still the source, and the direction says which way the changes run.
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

/// Which way the changes run.
package enum Direction: String, Sendable, Codable, CaseIterable {
    /// Source to target.
    case forward
    /// Target back to source, the fall-back stream.
    case reverse

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
