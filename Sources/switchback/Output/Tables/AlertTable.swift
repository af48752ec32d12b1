import Engine
import Records

/// The alerts in the output of `status`.
enum AlertTable {
    /// Returns the lines: each alert with what is known about it, a consequence below its cause.
    static func lines(
        _ status: MigrationStatus, colour: (String, Terminal.Colour) -> String = { text, _ in text }
    ) -> [String] {
        let away = Side.allCases.filter { status.server($0).isAway }.map { side in
            let health = status.server(side)
            return "the \(side.rawValue) does not answer"
                + (health.since.map { " since \(UTCTime.seconds($0)) UTC" } ?? "")
                + (health.lastAnsweredAt.map { ", and did last at \(UTCTime.seconds($0))" } ?? "")
        }
        return away + status.alerts.flatMap { lines(of: $0, colour) }
    }

    private static func lines(of alert: Alert, _ colour: (String, Terminal.Colour) -> String) -> [String] {
        let word = alert.severity.rawValue.uppercased()
        let indent = alert.consequenceOf == nil ? "" : "  "
        let since = alert.since.map { UTCTime.seconds($0) + " " } ?? ""
        var details: [String] = []
        if let until = alert.until { details.append("at \(UTCTime.seconds(until)) \(alert.then)") }
        details.append("unblocked by: \(alert.unblocker)")
        if !alert.actions.isEmpty { details.append("you can: \(alert.actions.map(\.words).listed)") }
        if let seen = alert.acknowledgement {
            details.append("acknowledged by \(seen.by) at \(UTCTime.seconds(seen.at))")
        }
        return ["\(indent)\(colour(word, Self.colour(of: alert.severity))) \(since)\(alert.sentence)"]
            + ["\(indent)  \(alert.id): \(details.joined(separator: "; "))"]
    }

    private static func colour(of severity: Severity) -> Terminal.Colour {
        switch severity {
        case .info: .cyan
        case .warning: .yellow
        case .error, .critical: .red
        }
    }

    // MARK: JSON

    /// The form of an alert in JSON.
    struct Form: Encodable {
        let id: String
        let severity: String
        let sentence: String
        let since: String?
        let until: String?
        let then: String?
        let unblocked_by: String
        let actions: [String]
        let consequence_of: String?
        let acknowledged_by: String?
        let acknowledged_at: String?

        init(_ alert: Alert) {
            id = alert.id.description
            severity = alert.severity.rawValue
            sentence = alert.sentence
            since = alert.since.map(UTCTime.standard)
            until = alert.until.map(UTCTime.standard)
            then = alert.then.isEmpty ? nil : alert.then
            unblocked_by = alert.unblocker
            actions = alert.actions.map(\.words)
            consequence_of = alert.consequenceOf?.description
            acknowledged_by = alert.acknowledgement?.by
            acknowledged_at = alert.acknowledgement.map { UTCTime.standard($0.at) }
        }
    }

    /// The form of a server's health in JSON.
    struct Server: Encodable {
        let side: String
        let state: String
        let since: String?
        let last_answered_at: String?
        let reason: String

        init(_ side: Side, _ health: ServerHealth) {
            self.side = side.rawValue
            state = health.state.rawValue
            since = health.since.map(UTCTime.standard)
            last_answered_at = health.lastAnsweredAt.map(UTCTime.standard)
            reason = health.reason
        }
    }
}
