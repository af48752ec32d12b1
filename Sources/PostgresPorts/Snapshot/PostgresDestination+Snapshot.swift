import Engine
import Journal
import Postgres
import Records

extension PostgresDestination {
    func startFilling() throws -> any FillStartSession {
        let connection = try context.connect(side, as: "snapshot")
        try context.checkIdentity(side, connection)
        return FillStartConnection(
            destination: self, connection: connection, uuid: try context.record().uuid)
    }

    func snapshotWriter() throws -> any SnapshotWriter {
        let connection = try context.connectWriter(side, as: "snapshot")
        try context.becomeRowWriter(side, connection)
        return ChunkWriter(connection, migration: try context.record().uuid)
    }
}

/// The connection that prepares a destination for the rows of a snapshot.
final class FillStartConnection: FillStartSession {
    private let destination: PostgresDestination
    private let connection: PostgresConnection
    private let uuid: String

    init(destination: PostgresDestination, connection: consuming PostgresConnection, uuid: String) {
        self.destination = destination
        self.connection = connection
        self.uuid = uuid
    }

    private var context: RoleContext { destination.context }
    private var side: Side { destination.side }

    var place: String { connection.place }

    func suppressTriggers(on tables: [QualifiedName]) throws {
        try context.becomeRowWriter(side, connection, suspendingOn: tables)
    }

    func createMetadata() throws { try context.ensureMetadata(side, connection) }

    func otherMigration() throws -> String? { try connection.otherMigration(than: uuid) }

    func tables(inSchemas schemas: [String]) throws -> [Table] { try connection.tables(inSchemas: schemas) }

    func unloggedTables(among names: [QualifiedName]) throws -> [QualifiedName] {
        try connection.unloggedTables(among: names)
    }

    func tablesFilledByOthers(among tables: [Table]) throws -> [QualifiedName] {
        try tables.filter { table in
            guard try !hasChunks(of: table.name) else { return false }
            return try connection.query(
                "select exists (select from \(table.rowsOnly))", doing: "read \(table.name)"
            ).scalar == "t"
        }.map(\.name)
    }

    func hasChunks(of table: QualifiedName) throws -> Bool {
        try connection.hasChunks(migration: uuid, table: table)
    }

    func hasOlderChunks(than chunk: StoredChunk) throws -> Bool {
        try connection.query(
            "select exists (select from ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 "
                + "where migration_uuid = $1 and schema_name = $2 and table_name = $3 and data_file_name "
                + "<> $4)",
            [uuid, chunk.table.schema.text, chunk.table.name.text, ChunkSQL.fileName(chunk)],
            doing: "search for older chunks"
        ).scalar == "t"
    }

    func clear(_ table: QualifiedName) throws { try connection.clearTable(migration: uuid, table: table) }
}
