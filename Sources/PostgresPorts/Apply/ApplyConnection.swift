import Engine
import Postgres
import Records

/// A session that applies changes, until its writer takes the connection over.
final class ApplyConnection: DestinationSession {
    let place: String
    private let context: RoleContext
    private let leg: Leg
    private let uuid: String
    private let schemas: [String]
    /// Nil once the writer has it.
    private var connection: PostgresConnection?
    private var destinations: [QualifiedName: DestinationTable] = [:]

    init(
        _ connection: consuming PostgresConnection, context: RoleContext, leg: Leg, uuid: String,
        schemas: [String]
    ) {
        place = connection.place
        self.context = context
        self.leg = leg
        self.uuid = uuid
        self.schemas = schemas
        self.connection = consume connection
    }

    private func use<R>(_ body: (borrowing PostgresConnection) throws -> R) throws -> R {
        switch connection {
        case .some(let connection): try body(connection)
        case .none: preconditionFailure("the writer has the connection")
        }
    }

    // MARK: Tables

    func shapes() throws -> [QualifiedName: TableShape] { try use { try $0.shapes(inSchemas: schemas) } }

    func tablesOfOneKey() throws -> Set<QualifiedName> {
        try use { try $0.tablesOfOneKey(inSchemas: schemas) }
    }

    func tables() throws -> [Table] {
        let tables = try use { try $0.destinationTables(inSchemas: schemas) }
        destinations = Dictionary(uniqueKeysWithValues: tables.map { ($0.table.name, $0) })
        return tables.map(\.table)
    }

    func typeText(of column: AnnouncedTable.Column) throws -> String {
        try use { try $0.typeText(oid: column.typeOID, modifier: column.typeModifier) }
    }

    // MARK: Channels

    func lockedChannels() throws -> [Channel] {
        try use { try $0.channels(migration: uuid, locked: true) }
    }

    func replaceChannels(_ going: [ChannelPosition], with coming: [ChannelPosition]) throws {
        do {
            try use { try $0.replaceChannels(migration: uuid, going, with: coming) }
        } catch let error as PostgresError {
            if error.sqlState == "22012" { throw ApplyInterruption.watermarkMoved }
            throw error
        }
    }

    func appliedCounts() throws -> [QualifiedName: ChangeCounts] {
        try use { try $0.appliedCounts(migration: uuid) }
    }

    // MARK: Stashed changes

    func stashedChanges(limit: Int) throws -> [StashedChange] {
        try use { try $0.stashedChanges(migration: uuid, leg: leg.number, limit: limit) }
    }

    func markCarried(_ changes: [StashedChange]) throws {
        try use { try $0.markCarried(migration: uuid, leg: leg.number, changes) }
    }

    // MARK: Writing

    func acknowledgeAsSet() throws { try use { try $0.acknowledgeAsSet() } }

    func writer(
        of stage: ApplyStage, _ channels: OpenChannels, splitting splitTables: Set<QualifiedName>,
        checkingAtOnce checkedAtOnce: LSN?, ledger: IncidentLedger, slowLookups: SlowLookupMonitor
    ) throws -> any TransactionWriter {
        guard let connection = connection.take() else {
            preconditionFailure("a session has one writer")
        }
        return try WriterChoice(
            context: context, leg: leg, uuid: uuid, ledger: ledger, channels: channels,
            destinations: destinations, slowLookups: slowLookups, splitTables: splitTables,
            checkedAtOnce: checkedAtOnce
        ).writer(of: stage, connection)
    }
}
