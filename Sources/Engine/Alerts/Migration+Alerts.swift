import Journal
import Records

extension Migration {
    /// The migration of a role's process, over the journal that the role has open.
    convenience init(_ context: RoleContext) {
        self.init(context.journal, exportDirectory: context.exportDirectory)
    }

    /// The alerts as the roles have kept them.
    func keptAlerts() throws -> KeptAlerts { try keptAlertCache.document(in: journal) ?? KeptAlerts() }

    /// Judges the alerts of a status.
    func alerts(of status: MigrationStatus) throws -> [Alert] {
        var facts = AlertFacts(status)
        facts.kept = try keptAlerts().byID
        facts.acknowledgements = try record().acknowledged
        let counts = status.incidents(status.direction)
        if counts.stopped > 0 {
            facts.newestIncident = try newestIncident(.stopped)
        } else if counts.stashed > 0 {
            facts.newestIncident = try newestIncident(.stashed)
        }
        return AlertJudge(facts).alerts
    }

    private func newestIncident(_ handling: Incident.Handling) throws -> Incident? {
        let legs = try record().legs
        return try journal.newestIncident(handling: handling.rawValue).map { stored in
            try Incident(stored, direction: legs.first { $0.number == stored.leg }?.direction ?? .forward)
        }
    }

    /// The sentence that says why an alert cannot be acknowledged; nil if it can.
    func acknowledgementRefusal(of alert: AlertID) throws -> String? {
        try status().alerts.contains { $0.id == alert }
            ? nil : "there is no alert \(alert) now; `switchback status` lists those that there are"
    }
}

extension MigrationRecord {
    package var acknowledged: [Acknowledgement] { acknowledgements ?? [] }

    /// Keeps an acknowledgement in the place of an earlier one.
    mutating func acknowledge(_ acknowledgement: Acknowledgement) {
        acknowledgements = acknowledged.filter { $0.alert != acknowledgement.alert } + [acknowledgement]
    }
}
