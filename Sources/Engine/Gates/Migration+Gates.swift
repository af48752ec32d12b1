import Foundation
import Journal
import Records

extension GateFacts {
    /// The facts that the journal has.
    init(_ record: MigrationRecord, _ stored: [StoredTable], _ options: CutoverOptions, now: Double) {
        self.init(options: options, now: now)
        let migrated = stored.filter { !record.isExcluded($0.table.name) }
        excluded = Set(record.excluded.map(\.table))
        tables = migrated.map(\.table.name)
        uncopied = migrated.filter { !($0.isExported && $0.isImported) }.map(\.table.name)
        isPaused = record.isPaused
        tablesAreNamed = !record.tableGlobs.isEmpty
        accepted = record.accepted
        comparedAt =
            record.cutovers.flatMap(\.steps)
            .filter { $0.step == .checksumDestination && $0.state == .done }.compactMap(\.endedAt).max()
    }

    /// Takes what verifications have proved in the leg under way.
    mutating func take(_ proof: RowProof?) {
        let migrated = Set(tables)
        provedAt = (proof?.tables ?? [:]).filter { migrated.contains($0.key) && $0.value.storage != nil }
            .mapValues(\.provedAt)
    }
}

extension Migration {
    /// The gates of the next cutover, or of the one under way; empty in a phase that knows no such cutover.
    package func gates(for options: CutoverOptions) throws -> [Gate] {
        try gates(for: options, status: try statusWithoutGates())
    }

    func gates(for options: CutoverOptions, status: MigrationStatus) throws -> [Gate] {
        guard status.nextCutover == options.to else { return [] }
        return GateJudge(try gateFacts(for: options, status: status)).gates
    }

    /// The reading of a file, if it is of the leg.
    func gateReading<Facts>(_ type: Facts.Type, _ file: String, _ leg: Int) -> GateReading<Facts>? {
        let found = gateFiles.read(type, from: exportDirectory + file)
        return found?.leg == leg ? found : nil
    }

    func gateFacts(for options: CutoverOptions, status: MigrationStatus) throws -> GateFacts {
        let record = try record()
        var facts = GateFacts(record, try journal.tables(), options, now: secondsNow())
        if let leg = record.currentLeg { facts.take(try RowProof.read(leg: leg, journal)) }
        func reading<Facts>(_ type: Facts.Type, _ file: String) -> GateReading<Facts>? {
            record.currentLeg.flatMap { gateReading(type, file, $0.number) }
        }
        facts.origin = reading(ServerReadings.self, GateFiles.server(.capture))
        facts.destination = reading(ServerReadings.self, GateFiles.server(.apply))
        facts.originCatalog = reading(CatalogReadings.self, GateFiles.catalog(.capture))
        facts.destinationCatalog = reading(CatalogReadings.self, GateFiles.catalog(.apply))
        var stream = StreamFacts(
            capture: status.capture, apply: status.apply, remainingEvents: status.remainingEvents,
            timeToCatchUp: status.timeToCatchUp, incidents: status.incidents(options.ends))
        stream.servers = status.servers
        stream.diskLimits = record.diskLimits
        stream.absent = Set(Role.allCases).subtracting(status.processIDs.keys)
        stream.tablesRefusal = record.tablesRefusal
        facts.stream = stream
        facts.verification = status.verification
        return facts
    }

    /// The options by which the gates are shown while no cutover is chosen: the strictest.
    func shownOptions(_ record: MigrationRecord) -> CutoverOptions? {
        switch record.phase {
        case .snapshot, .streaming:
            CutoverOptions(to: .target, verify: false)
        case .fallBack: CutoverOptions(to: .source, prepareForFallBack: false, verify: false)
        case .cutoverToTarget, .cutoverToSource: record.openCutover?.options
        case .prepare, .schema, .complete, .ended: nil
        }
    }

    /// The differences between the catalogs that are not accepted, as an acceptance without a reason.
    package func openDifferences() throws -> [AcceptedDifference] {
        guard let options = shownOptions(try record()) else { return [] }
        let facts = try gateFacts(for: options, status: try statusWithoutGates())
        return GateJudge.differences(facts).filter { difference in
            !facts.accepted.contains { $0.covers(difference, facts.direction) }
        }.map { AcceptedDifference($0, facts.direction, reason: "", by: "", at: 0) }
    }

    /// Asks the roles to read the gates again. `Gate.readAt` says when they have.
    package func readGatesAgain() throws { try GateFiles.ask(journal, at: secondsNow()) }

    /// The sentence that says which gates refuse a cutover; nil if none does.
    ///
    /// A gate that nobody has read lately does not refuse here: the cutover's own steps read it again before
    /// they change anything.
    func gateRefusal(of options: CutoverOptions) throws -> String? {
        let refusing = try gates(for: options).filter { $0.refuses && !$0.isStale }
        return refusing.isEmpty ? nil : GateRefusal.text(refusing)
    }
}
