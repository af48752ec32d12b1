import Engine
import Postgres
import Records

/// What the checks ask of one side.
extension PostgresSide {
    func answers() throws { _ = try context.connect(side, as: "start") }

    func identity() throws -> DatabaseIdentity {
        let connection = try context.connect(side, as: "check")
        return DatabaseIdentity(identity: try connection.databaseIdentity(), place: connection.place)
    }

    func checks(forFallBack: Bool) throws -> [CheckResult] {
        try DatabaseChecks.run(side, context, forFallBack: forFallBack)
    }

    func offeredTables() throws -> [OfferedTable] {
        let connection = try context.connect(side, as: "check")
        let record = try context.record()
        let facts = try TableFacts(connection, record)
        return OfferedTable.offers(
            facts, lacks: try identityLacks(connection, facts.tables.map(\.name)),
            filtered: Set(try connection.filteredTables(among: facts.tables)),
            references: try connection.references(inSchemas: record.schemas))
    }

    func perform(_ fix: CheckFix) throws {
        let connection = try context.connect(side, as: "check")
        for statement in fix.statements { try connection.execute(statement, doing: "run \(statement)") }
    }

    func lookupChecks() throws -> [CheckResult] {
        let connection = try context.connect(side, as: "check")
        let origin = try DatabaseChecks.origin(of: side, context)
        return try DatabaseChecks.lookups(side, connection, try context.record(), origin: origin)
    }
}
