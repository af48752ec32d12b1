import Foundation
import Journal
import Records

/// Reads the status from the journal and from the files of the roles.
extension Migration {
    package func status() throws -> MigrationStatus {
        var status = try statusWithoutGates()
        if let options = shownOptions(try record()) {
            status.gates = try gates(for: options, status: status)
        }
        status.alerts = try alerts(of: status)
        return status
    }

    func statusWithoutGates() throws -> MigrationStatus {
        let record = try record()
        let capture = StatusFile.read(
            CaptureStatus.self, from: StatusFile.path(exportDirectory, .capture))
        let apply = StatusFile.read(ApplyStatus.self, from: StatusFile.path(exportDirectory, .apply))
        var status = MigrationStatus(
            name: name, migrationUUID: record.uuid, exportDirectory: exportDirectory, phase: record.phase,
            route: record.route, fallBackEnabled: record.fallBackEnabled, isPaused: record.isPaused,
            startedAt: record.startedAt, readAt: secondsNow())
        status.environment = record.forms.environment
        status.applyMode = record.applyMode
        status.diskLimits = record.diskLimits
        status.sourcePlace = record.sourceIsKnown ? place(record.forms.source) : nil
        status.targetPlace = record.targetIsKnown ? place(record.forms.target) : nil
        status.processIDs[.capture] = RoleLock.holder(exportDirectory, .capture)
        status.processIDs[.apply] = RoleLock.holder(exportDirectory, .apply)
        let isRunning = record.phase != .ended
        status.capture = isRunning ? capture?.status : nil
        status.apply = isRunning ? apply?.status : nil
        status.servers = servers(record, status.capture, status.apply, at: status.readAt)
        status.writers = seenWriters(record, at: status.readAt)
        status.legStart = record.phase.direction == nil ? nil : record.currentLeg?.start
        status.tableLists = TableLists(tables: record.tableGlobs, excluded: record.excludedTableGlobs)
        status.tables = try tables(record, capture, apply)
        status.cutovers = cutovers(record)
        status.work = status.snapshotWork + ProgressFiles.read(exportDirectory)
        status.addStepProgress()
        status.verification = try verificationStatus(record)
        status.readiness = status.readiness(
            record, try journal.document(Rehearsal.self, key: Rehearsal.key))
        status.incidentRules = record.incidentRules
        status.workerIsStopped = record.isWorkerStopped == true
        status.wheel = try wheelStatus(record)
        status.areLegsRetired = record.legs.allSatisfy { $0.retiredAt != nil }
        return status
    }

    /// The health of both servers, by what the roles of the leg under way have met.
    private func servers(
        _ record: MigrationRecord, _ capture: CaptureStatus?, _ apply: ApplyStatus?, at now: Double
    ) -> [Side: ServerHealth] {
        guard let direction = record.phase.direction, let leg = record.currentLeg else { return [:] }
        func health(_ status: (some RoleStatus)?, _ role: Role) -> ServerHealth {
            let published = status.flatMap { $0.isOf(leg) ? $0 : nil }
            let reading = gateReading(ServerReadings.self, GateFiles.server(role), leg.number)
            let isRecent = published.map {
                abs(now - $0.publishedAt) <= MigrationStatus.publishedSecondsMax
            }
            var health = ServerHealth(
                isRecent == true ? published?.server : nil, reading?.health(at: now),
                before: published?.server)
            if health.state == .unknown {
                health.lastAnsweredAt =
                    [published?.server?.answeredAt, reading.flatMap { $0.isAway ? nil : $0.readAt }]
                    .compactMap(\.self).max()
            }
            return health
        }
        return [direction.origin: health(capture, .capture), direction.destination: health(apply, .apply)]
    }

    /// The open write transactions on the origin of the leg under way; nil if they were not read lately.
    func seenWriters(_ record: MigrationRecord, at now: Double) -> SeenWriters? {
        guard let direction = record.phase.direction, let leg = record.currentLeg,
            let reading = gateReading(ServerReadings.self, GateFiles.server(.capture), leg.number),
            reading.isFresh(at: now), let facts = reading.facts, facts.unreadable[.writers] == nil
        else { return nil }
        var seen = SeenWriters(facts.writers, on: direction.origin, readAt: reading.readAt)
        seen.recent =
            PublishedWriters.read(exportDirectory, leg: leg.number, now: now)?.sessions ?? []
        return seen
    }

    private func place(_ form: ConnectionForm) -> String { "\(form.host):\(form.port)/\(form.database)" }

    private func tables(
        _ record: MigrationRecord, _ capture: PublishedStatus<CaptureStatus>?,
        _ apply: PublishedStatus<ApplyStatus>?
    ) throws -> [TableStatus] {
        let exported = LegCounts.byDirection(
            try record.legs.map { ($0, try counts($0, exported: true, capture)) })
        let imported = LegCounts.byDirection(
            try record.legs.map { ($0, try counts($0, exported: false, apply)) })
        let incidents = try incidentCounts(record)
        let notes = record.tableNotes
        let exportRates = recentRates(record, capture)
        let importRates = recentRates(record, apply)
        let migrated = try journal.tables()
        let names = Set(migrated.map(\.table.name))
        let others = notes.filter { !names.contains($0.key) }.map { name, note in
            var table = TableStatus(name: name)
            table.note = note
            return table
        }
        return migrated.map { stored in
            let key = stored.table.name
            var table = TableStatus(
                name: stored.table.name, rowsEstimate: stored.table.rowsEstimate,
                exportedRows: stored.exportedRows,
                importedRows: stored.importedRows, snapshotIsDone: stored.isExported && stored.isImported,
                snapshotIsExported: stored.isExported, snapshotIsImported: stored.isImported,
                exported: exported.mapValues { $0[key] ?? .zero },
                imported: imported.mapValues { $0[key] ?? .zero }, incidents: incidents[key] ?? [:])
            table.note = notes[key]
            table.exportedPerSecond = exportRates.map { $0[key] ?? 0 }
            table.appliedPerSecond = importRates.map { $0[key] ?? 0 }
            return table
        } + others.sorted { $0.name < $1.name }
    }

    /// A role's rates of the leg under way, by table; nil if they were not published lately.
    private func recentRates(_ record: MigrationRecord, _ role: PublishedStatus<some RoleStatus>?)
        -> [QualifiedName: Double]?
    {
        guard let role, let leg = record.currentLeg, leg.endedAt == nil, role.status.isOf(leg),
            !hasPassed(MigrationStatus.publishedSecondsMax, since: role.status.publishedAt, at: secondsNow())
        else { return nil }
        return role.rates
    }

    /// Returns the counts of a leg: those kept at its end, or those that its role has published; nil if
    /// neither is known.
    private func counts(_ leg: Leg, exported: Bool, _ published: PublishedStatus<some RoleStatus>?) throws
        -> [QualifiedName: ChangeCounts]?
    {
        if leg.endedAt != nil,
            let kept = try LegCounts.read(leg: leg.number, exported: exported, journal: journal)
        {
            return kept
        }
        return published.flatMap { $0.status.isOf(leg) ? $0.tables : nil }
    }

    private func incidentCounts(_ record: MigrationRecord) throws -> [QualifiedName: [Direction:
        IncidentCounts]]
    {
        var counts: [QualifiedName: [Direction: IncidentCounts]] = [:]
        for stored in try journal.incidentCounts() {
            guard let leg = record.legs.first(where: { $0.number == stored.leg }),
                let handling = Incident.Handling(rawValue: stored.handling)
            else { continue }
            counts[stored.table, default: [:]][leg.direction, default: .zero].add(stored.count, handling)
        }
        return counts
    }

    package func incidents(limit: Int) throws -> [Incident] {
        let legs = try record().legs
        return try journal.incidents(limit: limit).map { stored in
            try Incident(
                stored, direction: legs.first { $0.number == stored.leg }?.direction ?? .forward)
        }
    }

    /// Returns the newest cutover to each side, or one that says that none was initiated.
    private func cutovers(_ record: MigrationRecord) -> [CutoverStatus] {
        let target = record.cutovers.last { $0.options.to == .target }?.status ?? CutoverStatus(to: .target)
        guard record.fallBackEnabled || record.cutovers.contains(where: { $0.options.to == .source }) else {
            return [target]
        }
        return [
            target, record.cutovers.last { $0.options.to == .source }?.status ?? CutoverStatus(to: .source),
        ]
    }
}
