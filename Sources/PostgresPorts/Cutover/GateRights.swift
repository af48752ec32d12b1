import Engine
import Postgres
import Records

/// The rights that the later steps of a cutover need on one database.
struct GateRights {
    let record: MigrationRecord
    let question: GateQuestion

    /// Reads whether each right is granted.
    func read(_ connection: borrowing PostgresConnection) throws -> [ServerReadings.Right] {
        let choice = SequenceChoice(
            try connection.sequences(ofTables: question.tables, inSchemas: record.schemas),
            tablesAreNamed: !record.tableGlobs.isEmpty)
        let sequences = choice.carried.map(\.name)
        switch question.place {
        case .origin: return try origin(connection, sequences)
        case .destination: return try destination(connection, sequences)
        }
    }

    private func origin(_ connection: borrowing PostgresConnection, _ sequences: [QualifiedName]) throws
        -> [ServerReadings.Right]
    {
        let user = quoteIdentifier(connection.user)
        let unreadable = try connection.sequencesNotReadable(sequences)
        let setting = try connection.readOnlySetting()
        var rights = [
            ServerReadings.Right(
                step: "fence", right: "ownership of the database", isGranted: setting?.mayAlter == true,
                isOptional: true, onlyFor: .databaseFence,
                remedy:
                    "alter database \(quoteIdentifier(setting?.database ?? "")) owner to \(user), or stop "
                    + "the application by other means, or --fence tables"),
            ServerReadings.Right(
                step: "quiesce", right: "seeing other roles' sessions",
                isGranted: try connection.seesSessions(), isOptional: true,
                remedy: "grant pg_read_all_stats to \(user)"),
            ServerReadings.Right(
                step: "sequences", right: "SELECT on sequences" + (unreadable.map { " \($0)" } ?? ""),
                isGranted: unreadable == nil,
                remedy: "grant select on sequence \(unreadable ?? "") to \(user)"),
        ]
        rights += try fence(connection)
        if record.phase.direction == .forward { rights += try writtenBack(connection, sequences) }
        return rights
    }

    /// The rights on the origin that only some cutovers need, by their flags.
    private func fence(_ connection: borrowing PostgresConnection) throws -> [ServerReadings.Right] {
        let user = quoteIdentifier(connection.user)
        let unfenced = try connection.tablesWithoutTriggerRight(question.tables)
        let unowned = try connection.tablesNotOwned(question.tables)
        var rights = [
            ServerReadings.Right(
                step: "fence of the tables", right: "TRIGGER" + (unfenced.map { " on \($0)" } ?? ""),
                isGranted: unfenced == nil, onlyFor: .tableFence,
                remedy: "grant trigger on \(unfenced ?? "") to \(user)"),
            ServerReadings.Right(
                step: "fence of the rights", right: "ownership" + (unowned.map { " of \($0)" } ?? ""),
                isGranted: unowned == nil, onlyFor: .rightsFence,
                remedy: "grant the role that owns \(unowned ?? "") to \(user)"),
        ]
        rights += try disconnection(connection)
        if try !connection.hasMetadataTables() {
            rights.append(try metadata(connection, "fence of the tables: its function", .tableFence))
        }
        return rights
    }

    /// The rights to end sessions. Without them the step fails behind the fence if there are such sessions.
    private func disconnection(_ connection: borrowing PostgresConnection) throws -> [ServerReadings.Right] {
        let step = "fence: --disconnect-sessions"
        let others = try connection.sessionsOfOthers()
        let rights = [
            ServerReadings.Right(
                step: step,
                right: "ending other roles' sessions"
                    + (others.roles > 0 ? ", of which there are \(others.roles) now" : ""),
                isGranted: try connection.endsSessions(), isOptional: others.roles == 0,
                onlyFor: .disconnection,
                remedy: "grant pg_read_all_stats, pg_signal_backend to \(quoteIdentifier(connection.user))")
        ]
        guard others.superusers > 0 else { return rights }
        return rights + [
            ServerReadings.Right(
                step: step, right: "SUPERUSER, to end \(counted(others.superusers, "session")) of superusers",
                isGranted: false, isOptional: true, onlyFor: .disconnection,
                remedy: "end them as a superuser, or see that they write nothing; the quiet proof shows it")
        ]
    }

    /// The rights on the origin for the fall-back, whose rows are written there.
    private func writtenBack(_ connection: borrowing PostgresConnection, _ sequences: [QualifiedName]) throws
        -> [ServerReadings.Right]
    {
        let user = quoteIdentifier(connection.user)
        let unwritable = try connection.tablesNotWritable(question.tables)
        let unsettable = try connection.sequencesNotSettable(sequences)
        let unowned = try connection.mayBecomeReplica() ? nil : connection.tablesNotOwned(question.tables)
        var rights = [
            ServerReadings.Right(
                step: "fall-back",
                right: "SET of session_replication_role" + (unowned.map { ", or ownership of \($0)" } ?? ""),
                isGranted: unowned == nil, onlyFor: .fallBack,
                remedy: "grant set on parameter session_replication_role to \(user), or the owner's role"),
            ServerReadings.Right(
                step: "fall-back", right: "INSERT, UPDATE, DELETE" + (unwritable.map { " on \($0)" } ?? ""),
                isGranted: unwritable == nil, onlyFor: .fallBack,
                remedy: "grant insert, update, delete on \(unwritable ?? "") to \(user)"),
            ServerReadings.Right(
                step: "cutover back to the source",
                right: "UPDATE of sequences" + (unsettable.map { " \($0)" } ?? ""),
                isGranted: unsettable == nil, onlyFor: .fallBack,
                remedy: "grant update on sequence \(unsettable ?? "") to \(user)"),
        ]
        if try !connection.hasMetadataTables() {
            rights.append(try metadata(connection, "fall-back: metadata tables", .fallBack))
        }
        return rights
    }

    private func metadata(
        _ connection: borrowing PostgresConnection, _ step: String, _ choice: ServerReadings.Choice
    ) throws -> ServerReadings.Right {
        let settings = try connection.replicationSettings()
        return ServerReadings.Right(
            step: step, right: "CREATE on the database", isGranted: settings.mayPublish, onlyFor: choice,
            remedy:
                "grant create on database \(quoteIdentifier(settings.database)) to "
                + quoteIdentifier(connection.user))
    }

    private func destination(_ connection: borrowing PostgresConnection, _ sequences: [QualifiedName]) throws
        -> [ServerReadings.Right]
    {
        let user = quoteIdentifier(connection.user)
        let unsettable = try connection.sequencesNotSettable(sequences)
        var rights = [
            ServerReadings.Right(
                step: "sequences", right: "UPDATE of sequences" + (unsettable.map { " \($0)" } ?? ""),
                isGranted: unsettable == nil,
                remedy: "grant update on sequence \(unsettable ?? "") to \(user)")
        ]
        guard question.fallBack != nil else { return rights }
        let settings = try connection.replicationSettings()
        let published =
            try connection.isYugabyteDB()
            ? PublishedLeaves.members(of: question.tables, connection.tables(inSchemas: record.schemas))
            : question.tables
        let unowned = try connection.tablesNotOwned(published)
        rights += [
            ServerReadings.Right(
                step: "fall-back: slot", right: "REPLICATION", isGranted: settings.mayReplicate,
                onlyFor: .fallBack,
                remedy: "alter role \(user) replication; (RDS: grant rds_replication to \(user))"),
            ServerReadings.Right(
                step: "fall-back: publication", right: "CREATE on the database",
                isGranted: settings.mayPublish, onlyFor: .fallBack,
                remedy: "grant create on database \(quoteIdentifier(settings.database)) to \(user)"),
            ServerReadings.Right(
                step: "fall-back: publication", right: "ownership" + (unowned.map { " of \($0)" } ?? ""),
                isGranted: unowned == nil, onlyFor: .fallBack,
                remedy: "grant the role that owns \(unowned ?? "") to \(user)"),
            ServerReadings.Right(
                step: "cutover back to the source: fence", right: "ownership of the database",
                isGranted: try connection.readOnlySetting()?.mayAlter == true, isOptional: true,
                onlyFor: .fallBack,
                remedy:
                    "alter database \(quoteIdentifier(settings.database)) owner to \(user), or --fence tables"
            ),
        ]
        return rights
    }
}
