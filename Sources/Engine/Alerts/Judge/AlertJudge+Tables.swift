import Records

/// The alerts about tables, changes that could not be applied, and gates.
extension AlertJudge {
    var tableAlerts: [Alert] {
        guard isLive else { return incidentAlerts }
        return status.tables.compactMap { table in
            guard let note = table.note else { return nil }
            switch note.word {
            case .setAside:
                return Alert(
                    .tableSetAside(table.name), .error,
                    "The changes of \(table.name) wait: \(note.reason).", since: note.since,
                    unblocker: Self.you, actions: [.retryTable(table.name), .excludeTable(table.name)])
            case .new:
                return Alert(
                    .newTable(table.name), .error,
                    "\(table.name) was created after the start and is not migrated: copy it by hand or drop "
                        + "it, and exclude it.",
                    since: note.since, unblocker: Self.you, actions: [.excludeTable(table.name)])
            case .catchingUp, .excluded: return nil
            }
        } + incidentAlerts
    }

    private var incidentAlerts: [Alert] {
        let counts = status.incidents(direction)
        var alerts: [Alert] = []
        let newest = facts.newestIncident
        if counts.stopped > 0 {
            // The values of the key are shown with the incident only.
            let change = newest.map { "the \($0.operation.rawValue) of \($0.table): \($0.reason)" }
            alerts.append(
                Alert(
                    .incidentStops, raised(.error),
                    "A change cannot be applied"
                        + (change.map { ", \($0)." } ?? ". It is listed with its reason."),
                    since: newest?.at, unblocker: Self.you,
                    actions: (newest.map { [.openIncident($0.id)] } ?? []) + [.retryRole(.apply)]))
        }
        if counts.stashed > 0 {
            alerts.append(
                Alert(
                    .incidentsStashed, .warning,
                    "\(counted(counts.stashed, "change")) could not be applied, and "
                        + "\(counts.stashed == 1 ? "was" : "were") stashed.",
                    since: counts.stopped > 0 ? nil : newest?.at, unblocker: Self.you,
                    actions: newest.map { [.openIncident($0.id)] } ?? []))
        }
        return alerts
    }

    // MARK: Gates

    /// The gates that are about the same as another alert.
    private static let gatesOfOtherAlerts: Set<GateName> = [
        .sourceAnswers, .targetAnswers, .running, .snapshot, .slot, .disk, .setAside, .incidents, .lag,
        .verification, .writers, .indexes, .triggers,
    ]
    /// Age from which an open transaction would abort a cutover that waits for it.
    private static var writerSecondsMax: Int64 { Int64(CutoverLimits().quiesceSeconds) }
    /// Number of sessions that are listed one by one.
    private static let sessionsMax = 10

    var gateAlerts: [Alert] {
        guard cutover == nil, status.phase == .streaming || status.phase == .fallBack else { return [] }
        return [missingObjects, refusingGates].compactMap(\.self) + oldWriters
    }

    /// Indexes and triggers come after the snapshot, and are easily forgotten.
    private var missingObjects: Alert? {
        let gates = status.gates.filter { $0.name == .indexes || $0.name == .triggers }
        let refusing = gates.filter { $0.state == .red && $0.refuses }
        guard let first = refusing.first else { return nil }
        let there = direction.destination
        return Alert(
            .indexesMissing, .warning,
            "Indexes or triggers are not on the \(there.rawValue) as they are on the "
                + "\(direction.origin.rawValue): \(refusing.map(\.found).joined(separator: "; ")). A trigger "
                + "that is missing there loses rows after a cutover.",
            since: facts.kept[.indexesMissing]?.since ?? first.readAt, unblocker: Self.you,
            actions: there == .target ? [.importIndexes, .showGates] : [.showGates])
    }

    private var refusingGates: Alert? {
        let refusing = status.gates.filter {
            $0.refuses && !$0.isStale && !Self.gatesOfOtherAlerts.contains($0.name)
        }
        guard let first = refusing.first, let to = status.nextCutover else { return nil }
        return Alert(
            .gatesRefuse, .warning,
            "\(counted(refusing.count, "gate")) "
                + "\(refusing.count == 1 ? "refuses" : "refuse") a cutover to the \(to.rawValue): "
                + "\(refusing.map(\.name.rawValue).listed(max: 5)); \(first.found)",
            since: facts.kept[.gatesRefuse]?.since ?? first.readAt, unblocker: Self.you,
            actions: [.showGates])
    }

    /// Transactions that are open for so long that a cutover would be aborted because of them.
    private var oldWriters: [Alert] {
        guard let seen = status.writers else { return [] }
        let old = seen.writers.filter { $0.ageSeconds ?? 0 >= Self.writerSecondsMax }
        return inTheWay(old, seen, .warning) { writer in
            "\(writer.words.asSentence) on the \(seen.side.rawValue) has an open write transaction. A "
                + "cutover would wait for it, and be aborted after \(Self.writerSecondsMax) s."
        }
    }

    /// Makes an alert of each of the oldest transactions.
    func inTheWay(
        _ writers: [OpenWriter], _ seen: SeenWriters, _ severity: Severity, until: Double? = nil,
        then: String = "", _ sentence: (OpenWriter) -> String
    ) -> [Alert] {
        writers.sorted { $0.ageSeconds ?? 0 > $1.ageSeconds ?? 0 }.prefix(Self.sessionsMax).map { writer in
            Alert(
                .sessionInTheWay(writer.id), severity, sentence(writer),
                since: writer.ageSeconds.map { seen.readAt - Double($0) }, until: until, then: then,
                unblocker: writer.user.isEmpty ? "whoever runs it" : writer.user,
                // A prepared transaction has no session.
                actions: writer.processID == "0" ? [] : [.endSession(writer, on: seen.side)])
        }
    }
}
