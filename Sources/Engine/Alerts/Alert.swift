import Records

/// Something that needs the operator, or that the operator should know of now.
package struct Alert: Sendable, Equatable, Identifiable {
    package let id: AlertID
    package var severity: Severity
    /// What is the matter, in one sentence or two.
    package var sentence: String
    /// Time since which it is so; nil if nobody knows.
    package var since: Double?
    /// Time at which it ends by itself, for example because a cutover is aborted; nil if it does not.
    package var until: Double?
    /// What happens at `until`; empty without one.
    package var then: String
    /// Who or what can unblock it.
    package var unblocker: String
    /// What the operator can do here, the likeliest first.
    package var actions: [AlertAction]
    /// The alert that is its cause; nil if it is a cause itself.
    package var consequenceOf: AlertID?
    /// Who has acknowledged it and when; nil if nobody has, or if it became worse since.
    package var acknowledgement: Acknowledgement?

    package init(
        _ id: AlertID, _ severity: Severity, _ sentence: String, since: Double? = nil, until: Double? = nil,
        then: String = "", unblocker: String, actions: [AlertAction] = []
    ) {
        self.id = id
        self.severity = severity
        self.sentence = sentence
        self.since = since
        self.until = until
        self.then = then
        self.unblocker = unblocker
        self.actions = actions
    }

    /// The likeliest action; nil if the operator can do nothing here.
    package var action: AlertAction? { actions.first }

    package var isAcknowledged: Bool { acknowledgement != nil }
}

/// An operator's word that an alert was seen. It holds while the alert lasts and gets no worse.
package struct Acknowledgement: Sendable, Codable, Equatable {
    package var alert: AlertID
    /// The severity that was seen.
    package var severity: Severity
    package var by: String
    /// Seconds since 1970.
    package var at: Double

    package init(_ alert: AlertID, _ severity: Severity, by: String, at: Double) {
        self.alert = alert
        self.severity = severity
        self.by = by
        self.at = at
    }

    /// Whether this is about the alert as it is now. One that began later is another one.
    func covers(_ alert: Alert) -> Bool {
        self.alert == alert.id && alert.severity <= severity && alert.since ?? at <= at
    }
}

extension MigrationStatus {
    /// Whether an error that nobody has acknowledged needs the operator.
    package var needsOperator: Bool { openAlerts.contains { $0.severity > .warning } }

    /// The alerts that nobody has acknowledged. The consequences of an acknowledged alert are not among them,
    /// unless one is worse than it.
    package var openAlerts: [Alert] {
        let acknowledged = Dictionary(
            alerts.compactMap { alert in alert.acknowledgement.map { (alert.id, $0.severity) } },
            uniquingKeysWith: max)
        return alerts.filter { alert in
            guard !alert.isAcknowledged else { return false }
            guard let cause = alert.consequenceOf, let severity = acknowledged[cause] else { return true }
            return alert.severity > severity
        }
    }
}
