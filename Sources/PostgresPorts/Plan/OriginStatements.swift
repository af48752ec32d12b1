import Engine
import Postgres
import Records

/// The statements of a cutover's steps on the origin. Each text is the one that the step itself sends.
struct OriginStatements {
    let side: PostgresSide
    let leg: Leg
    let tables: [QualifiedName]

    private var context: RoleContext { side.context }
    private var fence: TableFence { TableFence(context: context, side: side.side) }

    func read(_ connection: borrowing PostgresConnection) throws -> [PlannedStatement] {
        let record = try context.record()
        let sequences = SequenceChoice(
            try connection.sequences(ofTables: tables, inSchemas: record.schemas),
            tablesAreNamed: !record.tableGlobs.isEmpty
        ).carried.map(\.name)
        let barrier = barrier(record)
        var found = try prepareOrigin(record, connection)
        found += try databaseFence(record, connection)
        found += try tableFence(connection)
        found += try rightsFence(connection)
        found += disconnection
        let writers = PostgresConnection.listingWriters(isYugabyteDB: try connection.isYugabyteDB())
        found.append(
            PlannedStatement(
                .step(.quiesce), [writers], count: "until it lists nobody", undo: .reads,
                parameters: "$1 = our own names, $2 = the \(counted(tables.count, "table"))"))
        found += try side.suspension(of: tables, .step(.suspendOrigin), connection, onlyFor: .fallBack)
        found.append(self.barrier(.barrier, barrier))
        found += reading(sequences)
        found += try side.checksums(of: tables, .checksumOrigin, connection)
        found.append(self.barrier(.quietProof, barrier))
        return found
    }

    private func prepareOrigin(_ record: MigrationRecord, _ connection: borrowing PostgresConnection) throws
        -> [PlannedStatement]
    {
        try side.metadataTables(.step(.prepareOrigin), connection, onlyFor: .fallBack)
            + [side.channel(.step(.prepareOrigin), record.uuid, onlyFor: .fallBack)]
    }

    // MARK: Fence

    private func databaseFence(_ record: MigrationRecord, _ connection: borrowing PostgresConnection) throws
        -> [PlannedStatement]
    {
        let part = PlannedStatement.Part.step(.fence)
        guard let setting = try connection.readOnlySetting() else {
            return [.sentence(part, "no fence: the database was not found", onlyFor: .databaseFence)]
        }
        guard setting.mayAlter else {
            return [
                .sentence(
                    part, "no fence: the role does not own database \(setting.database)",
                    onlyFor: .databaseFence)
            ]
        }
        let isSetUp = record.changes.contains {
            $0.side == side.side && $0.kind == .readOnlyFence && $0.undoneAt == nil
        }
        guard isSetUp || setting.value != "on" else {
            return [.sentence(part, "the database is read-only before", onlyFor: .databaseFence)]
        }
        return [
            PlannedStatement(
                part, [ReadOnlyFence.statement(setting)], undo: .statements([ReadOnlyFence.undo(setting)]),
                onlyFor: .databaseFence)
        ]
    }

    private func tableFence(_ connection: borrowing PostgresConnection) throws -> [PlannedStatement] {
        let part = PlannedStatement.Part.step(.fence)
        let open = try connection.tables(tables, withoutTrigger: try fence.name())
        var found = try side.metadataTables(part, connection, onlyFor: .tableFence)
        found.append(
            PlannedStatement(
                part, [try fence.closing()],
                undo: .statements([try fence.opening(), try fence.dropping()]), onlyFor: .tableFence))
        guard !open.isEmpty else { return found }
        found.append(
            PlannedStatement(
                part, try open.map { try fence.trigger(on: $0) },
                count: counted(open.count, "table and partition"),
                undo: .statements(try open.map { try fence.untriggering($0) }), onlyFor: .tableFence))
        return found
    }

    private func rightsFence(_ connection: borrowing PostgresConnection) throws -> [PlannedStatement] {
        let part = PlannedStatement.Part.step(.fence)
        let grants = Dictionary(grouping: try connection.writeGrants(on: tables), by: \.table).sorted {
            $0.key < $1.key
        }
        guard !grants.isEmpty else {
            return [.sentence(part, "nobody was granted a right to write", onlyFor: .rightsFence)]
        }
        return [
            PlannedStatement(
                part, grants.compactMap { WriteGrant.revoking($0.value) },
                count: counted(grants.count, "table and partition"),
                undo: .statements(grants.map { WriteGrant.restoring($0.value) }), onlyFor: .rightsFence)
        ]
    }

    /// The statements that end sessions of before the fence: of one choice with either fence.
    private var disconnection: [PlannedStatement] {
        [
            PlannedStatement(
                .step(.fence), [PostgresConnection.disconnecting],
                count: "every session of before the fence", undo: .impossible,
                onlyFor: .databaseDisconnection, parameters: "$1 = our own names, $2 = when the fence stood"),
            PlannedStatement(
                .step(.fence), [PostgresConnection.endingWriter],
                count: "each session with an open write transaction on a table", undo: .impossible,
                onlyFor: .tableDisconnection, parameters: "$1 = its process ID"),
        ]
    }

    // MARK: Barrier and sequences

    private func barrier(_ record: MigrationRecord) -> String {
        record.barrierRows(ofLeg: leg.number) == nil
            ? PostgresConnection.barrierMessage : PostgresConnection.barrierRow
    }

    private func barrier(_ step: CutoverStep, _ text: String) -> PlannedStatement {
        PlannedStatement(
            .step(step), [text], undo: .notNeeded("it writes no row of the application"),
            parameters: "the mark of this cutover")
    }

    private func reading(_ sequences: [QualifiedName]) -> [PlannedStatement] {
        guard !sequences.isEmpty else { return [] }
        return [
            PlannedStatement(
                .step(.readSequences), sequences.map(PostgresConnection.reading),
                count: counted(sequences.count, "sequence"), undo: .reads)
        ]
    }
}

extension PostgresSide {
    /// The statements that read the checksums of the tables.
    func checksums(
        of names: [QualifiedName], _ step: CutoverStep, _ connection: borrowing PostgresConnection
    ) throws -> [PlannedStatement] {
        let wanted = Set(names)
        let found = try connection.tables(inSchemas: try context.record().schemas).filter {
            wanted.contains($0.name)
        }
        let isUTF8 = connection.parameterStatus("server_encoding") == "UTF8"
        return [
            PlannedStatement(
                .step(step), found.map { TableChecksums.sql(of: $0, isUTF8: isUTF8) },
                count: counted(found.count, "table") + ", if no verification has proved it equal",
                undo: .reads)
        ].filter { !$0.texts.isEmpty }
    }
}
