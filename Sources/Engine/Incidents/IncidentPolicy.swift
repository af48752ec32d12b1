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

/// The errors of a statement that are about its row, so that the others can be applied without it.
///
/// Every other error (a missing privilege, a full disk, a table of another form) would come with the next row
/// too.
enum IncidentClass {
    /// 22 data exception, 23 integrity constraint violation, 44 check option violation.
    private static let classes = ["22", "23", "44"]
    /// A row too large for an index, and an exception raised by a trigger.
    private static let states = ["54000", "P0001"]

    static func contains(_ sqlState: String) -> Bool {
        classes.contains(String(sqlState.prefix(2))) || states.contains(sqlState)
    }
}
