import Engine
import Records

/// One sentence for the operator. A word and a glyph show its level, so that the colour is not needed.
package struct Notice: Equatable, Sendable {
    /// The severity.
    package enum Level: Int, Comparable, Sendable {
        case info
        case warning
        case error

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    package let level: Level
    package let text: String

    package init(_ level: Level, _ text: String) {
        self.level = level
        self.text = text
    }

    package var word: String {
        switch level {
        case .info: "· "
        case .warning: "! WARN "
        case .error: "✗ ERROR "
        }
    }

    package var token: Token {
        switch level {
        case .info: .statusInfo
        case .warning: .statusWarn
        case .error: .statusError
        }
    }
}

extension ConsoleData {
    /// What needs the operator, the worst first.
    package var notices: [Notice] {
        var alerts: [Notice] = []
        if let trouble { alerts.append(Notice(.error, "The status cannot be read: \(trouble)")) }
        if let alert = monitor.alert { alerts.append(alert) }
        if let status { alerts += ConsoleData.alerts(of: status, direction: direction) }
        if isStale, let age = dataAge {
            alerts.append(
                Notice(.warning, "The numbers are stale: the engine published none for \(duration(age))."))
        }
        return alerts.enumerated().sorted {
            ($1.element.level, $0.offset) < ($0.element.level, $1.offset)
        }.map(\.element)
    }

    private static func alerts(of status: MigrationStatus, direction: Records.Direction) -> [Notice] {
        var alerts: [Notice] = []
        let (capture, apply) = (status.capture(direction), status.apply(direction))
        let roles = [
            ("export", capture?.state, capture?.retries), ("import", apply?.state, apply?.retries),
        ]
        for (name, state, retries) in roles {
            guard let state else { continue }
            switch state.word {
            case .stopped: alerts.append(Notice(.error, "The \(name) has stopped: \(state.reason)"))
            case .retrying:
                let next = duration(max(0, (retries?.nextAt ?? 0) - status.readAt).rounded(.up))
                alerts.append(
                    Notice(
                        .warning,
                        "The \(name) retries (\(retries?.count ?? 0) so far, next in \(next)): "
                            + "\(state.reason)"
                    ))
            case .paused where !state.reason.isEmpty:
                alerts.append(Notice(.warning, "The \(name) is paused: \(state.reason)"))
            case .waiting where !state.reason.isEmpty:
                alerts.append(Notice(.info, "The \(name) waits: \(state.reason)"))
            case .starting, .snapshot, .streaming, .paused, .waiting, .ended, .done: break
            }
        }
        if let wal = status.capture(direction)?.walStatus, wal != "reserved" {
            alerts.append(
                Notice(
                    wal == "extended" ? .warning : .error,
                    "The replication slot's write-ahead log is \(wal) on the \(direction.origin.rawValue): "
                        + "see the log (3)."
                ))
        }
        if let cutover = status.cutoverUnderWay, cutover.awaitsApproval {
            alerts.append(
                Notice(
                    .warning,
                    "The cutover awaits approval: R releases the application, A aborts it."))
        }
        for table in status.tables {
            guard let note = table.note else { continue }
            switch note.word {
            case .setAside:
                alerts.append(
                    Notice(
                        .error,
                        "\(table.name) is set aside (2 shows it): \(note.reason)."
                    ))
            case .new:
                alerts.append(
                    Notice(.error, "\(table.name) is new and not migrated (2 shows it); X there excludes it.")
                )
            case .catchingUp, .excluded: break
            }
        }
        let stashed = status.incidents(direction).stashed
        if stashed > 0 {
            alerts.append(
                Notice(
                    .warning,
                    "\(stashed) \(stashed == 1 ? "change was" : "changes were") stashed and not applied: i "
                        + "lists them."
                ))
        }
        if status.isPaused {
            alerts.append(Notice(.warning, "The migration is paused; the guide (4) resumes it."))
        }
        return alerts
    }
}
