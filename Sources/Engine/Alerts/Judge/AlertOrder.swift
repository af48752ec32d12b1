import Records

/// The order of alerts, and what is the cause of what.
enum AlertOrder {
    /// Returns the alerts that may be the cause of an alert, the likeliest first.
    private static func causes(of id: AlertID, _ direction: Direction) -> [AlertID] {
        let (origin, destination) = (
            AlertID.serverAway(direction.origin), AlertID.serverAway(direction.destination)
        )
        func server(of role: Role) -> AlertID { role == .capture ? origin : destination }
        let captureRests: [AlertID] = [.noWorker(.capture), .roleStopped(.capture), origin, .stale(.capture)]
        let applyRests: [AlertID] = [
            .incidentStops, .noWorker(.apply), .roleStopped(.apply), destination, .stale(.apply), .paused,
            .roleRetries(.apply),
        ]
        return switch id {
        case .serverAway, .paused, .tableSetAside, .newTable, .incidentStops, .incidentsStashed,
            .indexesMissing, .diskAtRisk, .sessionInTheWay, .cutoverAwaitsApproval, .cutoverAborted:
            []
        case .noWorker(let role): [.roleStopped(role)]
        case .stale(let role): [.noWorker(role), .roleStopped(role)]
        case .roleStopped(.apply): [.incidentStops, destination]
        case .roleStopped(.capture): [origin]
        case .roleRetries(let role): [server(of: role)]
        case .roleWaits(.capture): [.roleStopped(.apply), .noWorker(.apply), origin]
        case .roleWaits(.apply): [.roleStopped(.capture), .noWorker(.capture), destination]
        case .rolePaused: [.diskAtRisk, .queueAtRisk]
        case .slotAtRisk: captureRests + [.rolePaused(.capture), .roleRetries(.capture)]
        case .queueAtRisk: applyRests + [.notCatchingUp]
        case .notCatchingUp: applyRests + [origin, .roleStopped(.capture)]
        case .gatesRefuse: [origin, destination]
        case .cutoverWaits(.fence), .cutoverWaits(.quiesce):
            [origin, destination, .sessionInTheWay("")]
        case .cutoverWaits: [origin, destination, .incidentStops] + captureRests + applyRests
        case .cutoverIsBeingAborted: [origin, destination] + captureRests + applyRests
        }
    }

    /// Notes at each alert the one that is its root cause, among those that there are.
    static func linked(_ alerts: [Alert], _ direction: Direction) -> [Alert] {
        let ids = alerts.map(\.id)
        func cause(of id: AlertID) -> AlertID? {
            for cause in causes(of: id, direction) where cause != id {
                // Any session in the way will do.
                if case .sessionInTheWay = cause {
                    let session = ids.first { if case .sessionInTheWay = $0 { true } else { false } }
                    if let session { return session }
                } else if ids.contains(cause) {
                    return cause
                }
            }
            return nil
        }
        return alerts.map { alert in
            var alert = alert
            var root = cause(of: alert.id)
            // The relation has no circles; the bound only says so.
            for _ in 0..<ids.count {
                guard let current = root, let further = cause(of: current), further != alert.id else { break }
                root = further
            }
            alert.consequenceOf = root
            return alert
        }
    }

    /// Orders the causes by the worst of what they lead to, then by age, and puts the consequences of each
    /// behind it.
    static func ordered(_ alerts: [Alert]) -> [Alert] {
        var consequences: [AlertID: [Alert]] = [:]
        for alert in alerts {
            if let cause = alert.consequenceOf { consequences[cause, default: []].append(alert) }
        }
        func worst(_ alert: Alert) -> Severity {
            ((consequences[alert.id] ?? []).map(\.severity) + [alert.severity]).max() ?? alert.severity
        }
        func isBefore(_ left: (Alert, Severity), _ right: (Alert, Severity)) -> Bool {
            if left.1 != right.1 { return left.1 > right.1 }
            let (leftSince, rightSince) = (left.0.since ?? .infinity, right.0.since ?? .infinity)
            if leftSince != rightSince { return leftSince < rightSince }
            return left.0.id.description < right.0.id.description
        }
        let roots = alerts.filter { $0.consequenceOf == nil }.map { ($0, worst($0)) }.sorted(by: isBefore)
        return roots.flatMap { root, _ in
            [root]
                + (consequences[root.id] ?? []).map { ($0, $0.severity) }.sorted(by: isBefore).map(\.0)
        }
    }
}
