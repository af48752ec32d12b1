import Journal
import Records

/// The keeper of the alerts: it judges them every few seconds in a process that runs roles, keeps in the
/// journal since when each is there, and writes their begin and end to the event log. No role waits for it,
/// and nothing that it meets ends a role.
actor AlertKeeper {
    private nonisolated let thread = SessionThread(name: "alerts")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private let migration: Migration

    private static let pollMilliseconds = 200

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
        migration = Migration(context)
    }

    /// Keeps the alerts until the leg has ended or a stop is requested.
    func run() async throws {
        var dueAt = 0.0
        var hasFailed = false
        while true {
            try context.stop.check()
            if try context.record().hasEnded(leg) { return }
            let begun = monotonicSeconds()
            if begun >= dueAt {
                do {
                    try keep()
                    hasFailed = false
                } catch {
                    if !hasFailed { context.log(.warning, "alerts", "the alerts cannot be kept: \(error)") }
                    hasFailed = true
                }
                let ended = monotonicSeconds()
                dueAt = ended + context.options.alertPace.waitSeconds(afterCheckOf: ended - begun)
            }
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }

    private func keep() throws {
        let alerts = try migration.status().alerts
        let now = secondsNow()
        let kept = try migration.keptAlerts()
        var next = kept
        if next.take(alerts, at: now).isEmpty, next == kept { return }
        try context.journal.transaction("keep the alerts") { transaction in
            // Another process may have kept them meanwhile.
            let entries = try transaction.update(
                KeptAlerts.self, key: KeptAlerts.key, initial: KeptAlerts()
            ) { $0.take(alerts, at: now) }
            for entry in entries { try transaction.log(entry.severity, "alert", entry.message) }
        }
        try forgetAcknowledgements(of: next)
    }

    /// Removes the acknowledgements of alerts that are over.
    private func forgetAcknowledgements(of kept: KeptAlerts) throws {
        let ids = Set(kept.alerts.map(\.alert))
        let now = secondsNow()
        // One that was given just now may be about an alert that is not kept yet.
        func isOver(_ acknowledgement: Acknowledgement) -> Bool {
            !ids.contains(acknowledgement.alert)
                && hasPassed(KeptAlerts.goneSeconds, since: acknowledgement.at, at: now)
        }
        guard try context.record().acknowledged.contains(where: isOver) else { return }
        try context.update { record in
            record.acknowledgements = record.acknowledged.filter { !isOver($0) }
        }
    }
}
