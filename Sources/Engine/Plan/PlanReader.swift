import Journal
import Records

/// The statements of one side, as a process has read them from its database.
package struct PlanReadings: Sendable, Codable, Equatable {
    var statements: [PlannedStatement] = []
}

/// The statements of the start, with the answers for which they were read.
struct StartStatements: Sendable, Codable, Equatable {
    var lists: TableLists
    var schemas: [String]
    var source: [PlannedStatement]
    var target: [PlannedStatement]
    /// Whether the target was YugabyteDB: some statements of the files are left out there.
    var targetIsYugabyteDB: Bool

    static let key = "start_statements"
}

/// Reads from a database which statements the coming requests would run there. It changes nothing.
struct PlanReader {
    let context: RoleContext

    /// Reads the statements of the cutover that ends the leg, and of the removal at the end, for one side.
    func read(_ side: Side, _ leg: Leg) throws -> PlanReadings {
        let database = try context.side(side)
        let tables = try ComparedTables.all(context).map(\.name).sorted()
        return PlanReadings(
            statements: try database.statements(of: .cutover(leg, tables: tables))
                + database.statements(of: .removal) + database.statements(of: .sessionEnd))
    }

    /// Reads the statements that belong to no step from the sides that this process reaches, and publishes
    /// them.
    func publishOthers() throws {
        guard let leg = try context.record().currentLeg else { return }
        for side in Side.allCases where context.has(side) {
            let database = try context.side(side)
            let statements =
                try database.statements(of: .removal) + database.statements(of: .sessionEnd)
            let role: Role = side == leg.direction.origin ? .capture : .apply
            publish(PlanReadings(statements: statements), role, leg)
        }
    }

    /// Publishes statements for consoles. A reading of them does not grow too old: they are compared again.
    func publish(_ readings: PlanReadings, _ role: Role, _ leg: Leg) {
        GateFiles.write(
            GateReading(
                leg: leg.number, facts: readings, readAt: secondsNow(),
                goodForSeconds: .greatestFiniteMagnitude),
            to: context.exportDirectory + GateFiles.plan(role))
    }

    /// The leg with which the live migration begins.
    static func firstLeg(_ record: MigrationRecord) -> Leg {
        record.legs.first ?? Leg(number: 1, direction: .forward, start: .snapshot, uuid: record.uuid)
    }

    /// Reads the statements of the start for the present choice of tables.
    func startStatements() throws -> StartStatements {
        let record = try context.record()
        let chosen = TableChoice(try context.side(.source).tableFacts(), record).tables.map(\.name).sorted()
        let leg = Self.firstLeg(record)
        return StartStatements(
            lists: TableLists(tables: record.tableGlobs, excluded: record.excludedTableGlobs),
            schemas: record.schemas,
            source: try context.side(.source).statements(of: .start(leg, tables: chosen)),
            target: try context.side(.target).statements(of: .start(leg, tables: chosen)),
            targetIsYugabyteDB: try context.side(.target).analysisTarget().isYugabyteDB)
    }

    /// Keeps the tables that are offered and the statements of the start, for consoles. Nothing else depends
    /// on them, so a fault is noted in the event log and ends nothing.
    func keepStart() {
        do {
            guard try context.record().legs.isEmpty, context.has(.source), context.has(.target) else {
                return
            }
            let offered = OfferedTables(
                schemas: try context.record().schemas, tables: try context.side(.source).offeredTables())
            try context.journal.update(
                OfferedTables.self, key: OfferedTables.key, initial: offered
            ) { $0 = offered }
            let statements = try startStatements()
            try context.journal.update(
                StartStatements.self, key: StartStatements.key, initial: statements
            ) { $0 = statements }
        } catch {
            context.log(
                .warning, "plan", "the tables and the statements of the start cannot be read: \(error)")
        }
    }
}
