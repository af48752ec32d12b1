import Engine
import Postgres
import Records

/// The checks of an origin beside the stream, over one connection of their own.
final class PostgresMonitorSession: OriginMonitorSession {
    private let origin: PostgresOrigin
    private let connection: MonitorConnection
    private var heartbeat: Heartbeat?

    init(_ origin: PostgresOrigin, as name: String) {
        self.origin = origin
        connection = MonitorConnection(origin.context, origin.side, as: name)
    }

    func logState(logged: LogPosition?) throws -> OriginLogState {
        try connection.use {
            if try $0.isYugabyteDB() { try origin.claim.renew($0, logged: logged) }
            return OriginLogState(slot: try $0.slotState(origin.leg.slotName), place: $0.place)
        }
    }

    func writeHeartbeat() throws -> String? {
        var current =
            try heartbeat
            ?? Heartbeat(rows: origin.context.record().barrierRows(ofLeg: origin.leg.number))
        defer { heartbeat = current }
        return try connection.use { try current.write($0, slot: origin.leg.slotName) }
    }

    func catalog() throws -> SeenCatalog {
        let schemas = try origin.context.record().schemas
        return try connection.use { connection in
            let begun = secondsNow()
            let oldest = try connection.oldestTransaction()
            let catalog = try connection.originCatalog(inSchemas: schemas)
            let logEnd = try connection.logEnd()
            return SeenCatalog(
                catalog: catalog, oldestTransaction: oldest, logEnd: logEnd,
                readSeconds: secondsNow() - begun)
        }
    }

    func unpublished(of tables: [QualifiedName]) throws -> [QualifiedName] {
        let listsLeaves = try PublishedLeaves.read(origin.context.journal, origin.leg) != nil
        return try connection.use {
            try $0.unpublished(
                of: tables, in: origin.leg.publicationName, listingLeaves: listsLeaves)
        }
    }

    func hasRowsFromBeforeAttachment(_ partition: QualifiedName) throws -> Bool? {
        try connection.use(keepsAfterRefusal: true) { try $0.hasRowsFromBeforeAttachment(partition) }
    }

    func rows(ofPartition partition: QualifiedName, before oldest: UInt32, of transaction: UInt32) throws
        -> PartRows
    {
        try connection.use(keepsAfterRefusal: true) {
            try $0.rows(ofPart: partition, before: oldest, of: transaction)
        }
    }

    func hasAltered(_ table: QualifiedName, by transaction: UInt32?) throws -> Bool {
        try connection.use { try $0.hasAltered(table, by: transaction) }
    }
}
