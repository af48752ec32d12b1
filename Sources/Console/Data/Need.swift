import Engine

/// Something that needs the operator: an alert of the engine, or what only this console knows.
package struct Need: Equatable, Sendable {
    package var severity: Severity
    package var sentence: String
    /// Nil if only this console knows of it.
    package var alert: Alert?

    package init(_ severity: Severity, _ sentence: String) {
        self.severity = severity
        self.sentence = sentence
    }

    package init(_ alert: Alert) {
        self.init(alert.severity, alert.sentence)
        self.alert = alert
    }

    package var isOpen: Bool { alert?.isAcknowledged != true }
}

extension ConsoleData {
    /// What needs the operator: what this console cannot read or start, and the engine's alerts in their
    /// order, causes before consequences. What this console knows comes first unless an alert is worse.
    package var needs: [Need] {
        var own: [Need] = []
        if let trouble { own.append(Need(.critical, "The status cannot be read: \(trouble)")) }
        if let alert = monitor.alert { own.append(Need(alert.level, alert.text)) }
        let alerts = (status?.alerts ?? []).filter { alert in
            // The console says more about a worker that it starts itself.
            if case .noWorker = alert.id { monitor.alert == nil } else { true }
        }
        let worst = alerts.map(\.severity).max() ?? .info
        return own.filter { $0.severity >= worst } + alerts.map(Need.init)
            + own.filter { $0.severity < worst }
    }

    /// What needs the operator and that nobody has acknowledged.
    package var openNeeds: [Need] {
        let open = Set((status?.openAlerts ?? []).map(\.id))
        return needs.filter { need in need.alert.map { open.contains($0.id) } ?? true }
    }
}
