/// The operator's policy for changes that cannot be applied. It may change at any time.
package enum IncidentPolicy: String, Sendable, Codable, CaseIterable, CustomStringConvertible {
    /// The transaction is rolled back, and nothing after it is applied until the operator has mended the
    /// cause.
    case stop
    /// The change is kept in the error file and passed over; all others are applied. The raw value is that of
    /// earlier versions.
    case stash = "set aside"

    package var description: String {
        switch self {
        case .stop: "stop"
        case .stash: "stash"
        }
    }
}

/// The policy with its bound, as the operator set them.
package struct IncidentRules: Sendable, Codable, Equatable {
    package var policy: IncidentPolicy
    /// The number of stashed changes of a leg at which the next incident stops the apply, whatever the
    /// policy.
    package var incidentsMax: Int

    package static let incidentsMaxByDefault = 10_000

    package init(
        policy: IncidentPolicy = .stop, incidentsMax: Int = IncidentRules.incidentsMaxByDefault
    ) {
        self.policy = policy
        self.incidentsMax = incidentsMax
    }

    /// Returns how the next incident is handled, after `stashed` others of the leg.
    package func handling(after stashed: Int) -> Incident.Handling {
        policy == .stash && stashed < incidentsMax ? .stashed : .stopped
    }
}
