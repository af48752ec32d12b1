import Postgres
import Records

/// The gates of a cutover: capture reads the facts of the origin, apply reads those of the destination and
/// judges both.
struct GateCheck {
    let context: RoleContext
    let side: Side
    let open: OpenCutover

    /// Reads the facts of the origin and writes them to the journal.
    func readOrigin(_ cutover: Cutover) throws -> String {
        let connection = try context.connect(side, as: "cutover")
        // Reading the tables' sizes waits for locks. After the timeout the step is performed again, and an
        // abort is noticed.
        try connection.execute("set lock_timeout = '5s'", doing: "read the facts for the gates")
        // This is checked again after the fence.
        try ComparedTables.refuseUnstreamedParts(context, side, connection)
        let facts = OriginFacts(
            token: cutover.token, shapes: try shapes(connection),
            sequences: try SequenceTransfer.values(context, connection).carried)
        try open.checkAbort()
        try context.journal.update(OriginFacts.self, key: OriginFacts.key, initial: facts) { $0 = facts }
        return "\(counted(facts.shapes.count, "table")), \(counted(facts.sequences.count, "sequence"))"
    }

    /// Judges the facts. Throws all findings that stop the cutover, in one error.
    func judge(_ cutover: Cutover) throws -> String {
        guard let origin = try context.journal.document(OriginFacts.self, key: OriginFacts.key),
            origin.token == cutover.token
        else {
            throw RequestRefused("the facts of the origin are not those of this cutover; initiate it again")
        }
        let tables = try ComparedTables.all(context).map(\.name)
        let connection = try context.connect(side, as: "cutover")
        let findings = CutoverGates(
            options: cutover.options, tables: tables, origin: origin,
            destination: try readDestination(connection, tables, origin, cutover.options)
        ).findings
        let warnings = findings.filter { $0.severity == .warning }
        for warning in warnings { context.log(.warning, "cutover", warning.sentence) }
        let stops = findings.filter { $0.severity == .stop }
        guard stops.isEmpty else {
            throw RequestRefused(
                stops.map(\.sentence).joined(separator: "\n") + "\nMend it, then initiate the cutover again")
        }
        return "\(counted(tables.count, "table")) fit"
            + (warnings.isEmpty ? "" : "; \(counted(warnings.count, "warning")), see the event log")
    }

    private func readDestination(
        _ connection: borrowing PostgresConnection, _ tables: [QualifiedName], _ origin: OriginFacts,
        _ options: CutoverOptions
    ) throws -> DestinationFacts {
        let sequences = try connection.sequences(ofTables: tables, inSchemas: try context.record().schemas)
        let matching = SequenceMatching(
            origin: origin.sequences.compactMap(\.definition), destination: sequences)
        var values: [SequenceValue] = []
        for pair in matching.pairs { values.append(try connection.state(of: pair.destination)) }
        let streamsBack = options.to == .target && options.prepareForFallBack
        return DestinationFacts(
            shapes: try shapes(connection), sequences: sequences, values: values,
            lacks: streamsBack ? try identityLacks(connection, tables) : [],
            triggers: try connection.alwaysTriggers(on: tables))
    }

    /// The shapes of the migrated tables.
    private func shapes(_ connection: borrowing PostgresConnection) throws -> [TableShape] {
        let names = Set(try ComparedTables.all(context).map(\.name))
        return try connection.shapes(inSchemas: try context.record().schemas).values
            .filter { names.contains($0.name) }.sorted { $0.name < $1.name }
    }
}
