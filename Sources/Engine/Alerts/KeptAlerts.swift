import Records

/// The alerts that are kept in the journal, from one judgement to the next. A value: alerts come in, the
/// entries of the event log come out.
struct KeptAlerts: Sendable, Codable, Equatable {
    private(set) var alerts: [KeptAlert] = []
    /// Time since which an alert is gone, while it is still kept.
    private(set) var goneSince: [String: Double] = [:]

    /// Key of the document in the journal.
    static let key = "alerts"
    /// An alert that is gone is kept for this long: one that comes again meanwhile is the same.
    static let goneSeconds = 10.0

    init() {}

    /// Passes over alerts that only another version knows.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        alerts = try fields.decode([Readable].self, forKey: .alerts).compactMap(\.alert)
        goneSince = try fields.decode([String: Double].self, forKey: .goneSince)
    }

    private struct Readable: Decodable {
        let alert: KeptAlert?

        init(from decoder: any Decoder) throws {
            // An error means that another version has written it.
            alert = try? KeptAlert(from: decoder)
        }
    }

    var byID: [AlertID: KeptAlert] {
        Dictionary(alerts.map { ($0.alert, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// An entry for the event log.
    struct Entry: Equatable {
        let severity: Severity
        let message: String
    }

    /// Takes the alerts as they are now. A cause is logged when it is judged for the second time, so that
    /// what passes within seconds is not logged; its consequences are not.
    mutating func take(_ now: [Alert], at time: Double) -> [Entry] {
        var entries: [Entry] = []
        for alert in now {
            goneSince[alert.id.description] = nil
            guard let index = alerts.firstIndex(where: { $0.alert == alert.id }) else {
                alerts.append(
                    KeptAlert(
                        alert.id, alert.severity, since: alert.since ?? time, sentence: alert.sentence))
                continue
            }
            let isWorse = alert.severity > alerts[index].severity
            if alert.severity != alerts[index].severity {
                alerts[index].severity = alert.severity
                alerts[index].sentence = alert.sentence
            }
            let isNews = !alerts[index].isLogged || isWorse
            if isNews, alert.consequenceOf == nil, alert.severity > .info {
                alerts[index].isLogged = true
                entries.append(Entry(severity: alert.severity, message: alert.sentence))
            }
        }
        let present = Set(now.map(\.id))
        for kept in alerts where !present.contains(kept.alert) {
            let since = goneSince[kept.alert.description] ?? time
            goneSince[kept.alert.description] = since
            guard hasPassed(Self.goneSeconds, since: since, at: time) else { continue }
            if kept.isLogged {
                let seconds = Int(max(0, since - kept.since))
                entries.append(Entry(severity: .info, message: "over after \(seconds) s: \(kept.sentence)"))
            }
            alerts.removeAll { $0.alert == kept.alert }
            goneSince[kept.alert.description] = nil
        }
        return entries
    }
}
