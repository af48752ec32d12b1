import Engine
import Postgres
import Records

extension PostgresDestination {
    func connectToApply() throws -> any DestinationSession {
        let connection = try context.connectWriter(side, as: "apply")
        try context.checkIdentity(side, connection)
        let tables = try context.journal.tables().map(\.table.name)
        try context.becomeRowWriter(side, connection, suspendingOn: tables)
        try context.ensureMetadata(side, connection)
        let record = try context.record()
        return ApplyConnection(
            connection, context: context, leg: leg, uuid: record.uuid, schemas: record.schemas)
    }

    func monitor(as name: String) -> any DestinationReader {
        ApplyMonitor(context, MonitorConnection(context, side, as: name))
    }

    func channels(as name: String, durableIf isEnough: ([Channel]) throws -> Bool) throws -> [Channel] {
        let connection = try context.connect(side, as: name)
        let uuid = try context.record().uuid
        let channels = try connection.channels(migration: uuid)
        // A crash of the server since the channels were read has ended this session.
        if try isEnough(channels) { try connection.makeCommitsDurable(migration: uuid) }
        return channels
    }

    func makeCommitsDurable() throws {
        let connection = try context.connect(side, as: "apply")
        try connection.makeCommitsDurable(migration: try context.record().uuid)
    }
}

/// A reader of the destination for checks beside the apply.
private final class ApplyMonitor: DestinationReader {
    private let context: RoleContext
    private let connection: MonitorConnection

    init(_ context: RoleContext, _ connection: MonitorConnection) {
        self.context = context
        self.connection = connection
    }

    func shapes() throws -> [QualifiedName: TableShape] {
        let schemas = try context.record().schemas
        return try connection.use { try $0.shapes(inSchemas: schemas) }
    }

    func tablesOfOneKey() throws -> Set<QualifiedName> {
        let schemas = try context.record().schemas
        return try connection.use { try $0.tablesOfOneKey(inSchemas: schemas) }
    }
}

extension PostgresConnection {
    /// Brings everything committed here to disk, also what other sessions committed. A commit that waits for
    /// its own record waits for all before it (server file xact.c, RecordTransactionCommit); for that it has
    /// to write something.
    func makeCommitsDurable(migration: String) throws {
        try execute("set synchronous_commit = local", doing: "make the commits durable")
        try writeBarrier("durable", asRowOf: migration)
    }
}
