import Records

/// A gate of the next cutover: a condition with its state, what was found, and what to do.
package struct Gate: Sendable, Equatable, Codable {
    /// Effect of a gate on the cutover.
    package enum State: String, Sendable, Codable, CaseIterable {
        case green
        /// The cutover may begin; the finding may delay or weaken it.
        case amber
        /// The cutover is refused, unless the gate is waived.
        case red
        /// Nobody knows, because nothing was read or the reading is too old. It refuses as red does.
        case unknown
    }

    package var name: GateName
    package var title: String
    package var state: State
    package var found: String
    package var wanted: String
    /// SQL, or a sentence if no SQL helps; empty if there is nothing to do.
    package var remedy: String
    /// When its facts were read, the older of both sides; nil if they never were.
    package var readAt: Double?
    /// Whether the state is unknown because its facts were never read or are too old.
    package var isStale = false
    /// What was found, one line each.
    package var details: [String] = []
    /// Who waived it and why; nil if nobody did.
    package var waiver: GateWaiver?

    package init(
        _ name: GateName, title: String, _ state: State, found: String, wanted: String = "",
        remedy: String = "", readAt: Double? = nil, details: [String] = []
    ) {
        self.name = name
        self.title = title
        self.state = state
        self.found = found
        self.wanted = wanted
        self.remedy = remedy
        self.readAt = readAt
        self.details = details
    }

    /// Whether the gate prevents a cutover.
    package var refuses: Bool { waiver == nil && (state == .red || state == .unknown) }

    /// The gate in one sentence for a refusal.
    package var sentence: String {
        "\(name.rawValue) (\(state.rawValue)): \(found)" + (remedy.isEmpty ? "" : "; to mend it: \(remedy)")
    }
}

/// The names of the gates, in the order in which they are shown. The operator waives a gate by its name.
package enum GateName: String, Sendable, Codable, CaseIterable {
    case sourceAnswers = "source-answers"
    case targetAnswers = "target-answers"
    case running
    case snapshot
    case tables
    case indexes
    case constraints
    case triggers
    case sequences
    case views
    case defaults
    case sourceRights = "source-rights"
    case targetRights = "target-rights"
    case replicaIdentity = "replica-identity"
    case alwaysTriggers = "always-triggers"
    case streaming
    case capacity
    case names
    case slot
    case disk
    case setAside = "set-aside"
    case incidents
    case lag
    case verification
    case writers
}

/// The operator's decision that a gate does not refuse a cutover.
package struct GateWaiver: Sendable, Codable, Equatable {
    package var gate: GateName
    package var reason: String
    /// Who waived it and when; set when the request is left.
    package var by: String?
    package var at: Double?

    package init(gate: GateName, reason: String, by: String? = nil, at: Double? = nil) {
        self.gate = gate
        self.reason = reason
        self.by = by
        self.at = at
    }

    /// Reads `NAME=REASON`.
    package init(parsing text: String) throws(RequestRefused) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        // One line, because reports and logs show it in one.
        let words = (parts.count == 2 ? parts[1] : "").split { character in
            character.isWhitespace
                || character.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        let reason = words.joined(separator: " ")
        guard !reason.isEmpty else {
            throw RequestRefused("a waiver is NAME=REASON, and the reason must not be empty")
        }
        guard let gate = GateName(rawValue: parts[0].trimmingSpaces) else {
            throw RequestRefused(
                "there is no gate \(parts[0].trimmingSpaces); the gates are "
                    + GateName.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.init(gate: gate, reason: reason)
    }

    /// `indexes, by ada@host verb: the index is built at night`
    package var words: String { gate.rawValue + (by.map { ", by \($0)" } ?? "") + ": \(reason)" }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
