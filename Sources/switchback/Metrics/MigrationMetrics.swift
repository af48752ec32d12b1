import Engine
import Records

/// The metrics of a migration: those of yb-voyager under its names, and Switchback's own.
///
/// A role publishes its values a few times a second. What a role published too long ago is old: its counters
/// stay, because they only grow; its other values are left out. `switchback_role_status_age_seconds` says how
/// old they are.
///
/// The gates of a cutover are families of their own, which `families` takes up beside these.
struct MigrationMetrics {
    /// Age at which the values of a role are left out.
    static let freshSecondsMax = 15.0

    private let status: MigrationStatus
    /// The roles' statuses as far as they are fresh.
    private let capture: CaptureStatus?
    private let apply: ApplyStatus?

    static func families(_ status: MigrationStatus) -> [MetricFamily] {
        let metrics = MigrationMetrics(status)
        return metrics.state + metrics.ages + metrics.stream + metrics.origin + metrics.tables
            + VoyagerMetrics.families(status, capture: metrics.capture, apply: metrics.apply)
    }

    private init(_ status: MigrationStatus) {
        self.status = status
        func isFresh(_ publishedAt: Double) -> Bool {
            status.readAt - publishedAt <= Self.freshSecondsMax
        }
        capture = status.capture.flatMap { isFresh($0.publishedAt) ? $0 : nil }
        apply = status.apply.flatMap { isFresh($0.publishedAt) ? $0 : nil }
    }

    private var state: [MetricFamily] {
        var phase = MetricFamily("switchback_phase", .gauge, "1 for the phase of the migration.")
        for case let each in Phase.allCases {
            phase.add(each == status.phase ? 1.0 : 0, ["phase": each.rawValue])
        }
        var route = MetricFamily(
            "switchback_route", .gauge, "1 for the side that the application is to write to.")
        for (each, name) in [(ApplicationRoute.source, "source"), (.target, "target"), (.neither, "neither")]
        {
            route.add(each == status.route ? 1.0 : 0, ["side": name])
        }
        let paused = MetricFamily(
            "switchback_paused", .gauge, "1 if the operator has paused the migration.",
            status.isPaused ? 1 : 0)
        var running = MetricFamily("switchback_role_running", .gauge, "1 if a process has the role.")
        var states = MetricFamily(
            "switchback_role_state", .gauge, "1 for the state that the role published last.")
        for role in MigrationHealth(status).roles {
            running.add(role.processID == nil ? 0.0 : 1, ["role": role.name])
            if let word = role.state?.word.rawValue { states.add(1.0, ["role": role.name, "state": word]) }
        }
        var answers = MetricFamily(
            "switchback_server_answers", .gauge, "1 if the server answers, 0 if it does not.")
        for side in Side.allCases where status.server(side).state != .unknown {
            answers.add(status.server(side).isAway ? 0.0 : 1, ["side": side.rawValue])
        }
        var alerts = MetricFamily(
            "switchback_alerts", .gauge, "Alerts that nobody has acknowledged, by their severity.")
        let open = status.openAlerts
        for severity in Severity.allCases {
            alerts.add(Double(open.count { $0.severity == severity }), ["severity": severity.rawValue])
        }
        return [phase, route, paused, running, states, answers, alerts]
    }

    private var ages: [MetricFamily] {
        var age = MetricFamily(
            "switchback_role_status_age_seconds", .gauge, "Age of the values that the role published last.")
        for role in MigrationHealth(status).roles {
            age.add(role.publishedAt.map { max(0, status.readAt - $0) }, ["role": role.name])
        }
        return [
            age,
            MetricFamily(
                "switchback_lag_age_seconds", .gauge, "Time since the lag was measured.",
                status.apply?.commitLagAt.map { max(0, status.readAt - $0) }),
        ]
    }

    private var areBothFresh: Bool { capture != nil && apply != nil }

    private var stream: [MetricFamily] {
        var rate = MetricFamily(
            "switchback_events_per_second", .gauge, "Changes a second, over the last minute.")
        rate.add(capture?.eventsPerSecondLastMinute, ["role": "export"])
        rate.add(apply?.eventsPerSecondLastMinute, ["role": "import"])
        var catchUp: Double?
        if areBothFresh, case .seconds(let seconds) = status.timeToCatchUp { catchUp = seconds }
        if areBothFresh, case .caughtUp = status.timeToCatchUp { catchUp = 0 }
        return [
            MetricFamily(
                "switchback_lag_seconds", .gauge,
                "Time that the last commit took from the origin to the destination.",
                areBothFresh ? status.commitLagSeconds : nil),
            MetricFamily(
                "switchback_events_remaining_total", .gauge, "Changes exported and not applied yet.",
                areBothFresh ? status.remainingEvents.map(Double.init) : nil),
            MetricFamily(
                "switchback_catch_up_seconds", .gauge, "Estimated time until all changes are applied.",
                catchUp),
            rate,
        ]
    }

    private var origin: [MetricFamily] {
        let slot = capture?.slotName ?? ""
        func gauge(_ name: String, _ help: String, _ bytes: Int64?) -> MetricFamily {
            MetricFamily("switchback_" + name, .gauge, help, bytes.map(Double.init))
        }
        return [
            MetricFamily(
                "switchback_slot_retained_bytes", .gauge, "Log that the origin keeps for the slot.",
                capture?.retainedWALBytes.map(Double.init), ["slot_name": slot]),
            MetricFamily(
                "switchback_slot_safe_bytes", .gauge,
                "Log that the origin can write before it may lose the slot.",
                capture?.safeWALBytes.map(Double.init), ["slot_name": slot]),
            gauge("queue_bytes", "Size of the log in the export directory.", capture?.queueBytes),
            gauge(
                "queue_unapplied_bytes", "Size of what is not applied yet.", capture?.unappliedBytes),
            gauge("disk_free_bytes", "Free space on the export directory's disk.", capture?.diskFreeBytes),
        ]
    }

    private var tables: [MetricFamily] {
        var exported = MetricFamily("switchback_events_exported_total", .counter, "Changes exported.")
        var applied = MetricFamily("switchback_events_applied_total", .counter, "Changes applied.")
        var remaining = MetricFamily(
            "switchback_events_remaining", .gauge, "Changes of the table exported and not applied yet.")
        var incidents = MetricFamily(
            "switchback_events_refused_total", .counter, "Changes that could not be applied and were stashed."
        )
        var aside = MetricFamily(
            "switchback_table_set_aside", .gauge, "1 for a table whose changes are not applied.")
        for table in status.tables {
            let (schema, name) = (table.name.schema.text, table.name.name.text)
            for direction in Direction.allCases {
                let way = direction.rawValue
                for (type, count) in table.exported[direction]?.byType ?? [] {
                    exported.add(
                        count,
                        ["direction": way, "schema_name": schema, "table_name": name, "event_type": type])
                }
                for (type, count) in table.imported[direction]?.byType ?? [] {
                    applied.add(
                        count,
                        ["direction": way, "schema_name": schema, "table_name": name, "event_type": type])
                }
                if let stashed = table.incidents[direction]?.stashed {
                    incidents.add(stashed, ["direction": way, "schema_name": schema, "table_name": name])
                }
                if areBothFresh, capture?.direction == direction {
                    remaining.add(
                        max(0, table.remaining(direction)),
                        ["direction": way, "schema_name": schema, "table_name": name])
                }
            }
            if let note = table.note {
                aside.add(
                    1.0, ["schema_name": schema, "table_name": name, "reason": note.word.rawValue])
            }
        }
        return [exported, applied, remaining, incidents, aside]
    }
}

extension ChangeCounts {
    /// The counts by the kind of change, in words that both sets of metrics use.
    var byType: [(type: String, count: Int64)] {
        [("insert", inserts), ("update", updates), ("delete", deletes)]
    }
}
