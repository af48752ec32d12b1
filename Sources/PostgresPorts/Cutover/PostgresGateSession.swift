import Engine
import Postgres
import Records

extension PostgresWork {
    func gates(as name: String) -> any GateSession { PostgresGateSession(self, as: name) }
}

/// Reads what the gates judge, over one connection of its own.
final class PostgresGateSession: GateSession {
    private let work: any PostgresWork
    private let connection: MonitorConnection

    /// Bound of the wait for a lock of another session: sizes and the text of a view need a short lock.
    private static let lockTimeout = "5s"

    init(_ work: any PostgresWork, as name: String) {
        self.work = work
        connection = MonitorConnection(work.context, work.side, as: name)
    }

    func catalog(
        ofTables tables: [QualifiedName], reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> CatalogReadings {
        let before = try work.context.record()
        return try connection.use { connection in
            try connection.execute(
                "set lock_timeout = '\(Self.lockTimeout)'", doing: "read the catalog for the gates")
            let objects = try connection.objects(ofTables: tables, inSchemas: before.schemas)
            // What was off or dropped at any time of the reading counts as it was before.
            let changes = before.changes(on: work.side) + (try work.context.record()).changes(on: work.side)
            return CatalogReadings(
                release: try Self.release(connection),
                shapes: try work.shapes(of: tables, on: connection),
                sequences: try work.sequences(ofTables: tables, on: connection, reading: choose),
                objects: objects.asBefore(changes).withoutCopies)
        }
    }

    func server(_ question: GateQuestion) throws -> ServerReadings {
        let record = try work.context.record()
        return try connection.use { connection in
            try connection.execute(
                "set lock_timeout = '\(Self.lockTimeout)'", doing: "read the server for the gates")
            var readings = ServerReadings(release: try Self.release(connection))
            let rights = GateRights(record: record, question: question)
            try part(.rights, of: &readings, connection) { readings, connection in
                readings.rights = try rights.read(connection)
            }
            switch question.place {
            case .origin:
                try part(.writers, of: &readings, connection) { readings, connection in
                    readings.writers = try connection.openWriters(of: question.tables)
                }
            case .destination:
                try part(.triggers, of: &readings, connection) { readings, connection in
                    readings.alwaysTriggers = try connection.alwaysTriggers(on: question.tables)
                }
            }
            if let leg = question.fallBack { try readFallBack(leg, question, record, &readings, connection) }
            return readings
        }
    }

    /// Reads what a fall-back from this database needs.
    private func readFallBack(
        _ leg: Leg, _ question: GateQuestion, _ record: MigrationRecord, _ readings: inout ServerReadings,
        _ connection: borrowing PostgresConnection
    ) throws {
        try part(.identities, of: &readings, connection) { readings, connection in
            readings.lacks = try identityLacks(connection, question.tables)
        }
        // A cutover under way makes the slot itself, and records it before.
        let ours = Set(
            record.changes.filter { $0.side == work.side && $0.undoneAt == nil }.map(\.kind))
        try part(.capacity, of: &readings, connection) { readings, connection in
            let settings = try connection.replicationSettings()
            let hasSlot = ours.contains(.slot(name: leg.slotName))
            readings.freeSlots = settings.freeSlots + (hasSlot ? 1 : 0)
            let yugabyte = try YugabyteFacts(connection)
            readings.hazards = yugabyte.map(YugabyteChecks.hazards) ?? []
            // YugabyteDB streams from its tablets, and its settings of a WAL mean nothing.
            readings.freeSenders = yugabyte == nil ? settings.freeSenders : nil
            readings.isLogical = yugabyte == nil ? settings.walLevel == "logical" : nil
        }
        try part(.names, of: &readings, connection) { readings, connection in
            let found = try connection.namesInUse(slot: leg.slotName, publication: leg.publicationName)
            if found.slot, !ours.contains(.slot(name: leg.slotName)) {
                readings.foreign.append(
                    .init(
                        words: "slot \(leg.slotName), which this migration did not make",
                        remedy: "select pg_drop_replication_slot(\(quoteLiteral(leg.slotName)))"))
            }
            if found.publication, !ours.contains(.publication(name: leg.publicationName)) {
                readings.foreign.append(
                    .init(
                        words: "publication \(leg.publicationName), which this migration did not make",
                        remedy: "drop publication \(quoteIdentifier(leg.publicationName))"))
            }
        }
    }

    /// Reads one part. What the server refuses is noted with the grant that mends it; another error is
    /// thrown.
    private func part(
        _ part: ServerReadings.Part, of readings: inout ServerReadings,
        _ connection: borrowing PostgresConnection,
        _ read: (inout ServerReadings, borrowing PostgresConnection) throws -> Void
    ) throws {
        do { try read(&readings, connection) } catch let error as PostgresError where error.refusesStatement {
            let user = quoteIdentifier(connection.user)
            let remedy =
                switch part {
                case .writers: "grant pg_read_all_stats to \(user)"
                case .rights, .capacity, .names, .identities, .triggers:
                    "grant select on the catalog's tables that the reason names to \(user)"
                }
            readings.unreadable[part] = .init(reason: "\(error)", remedy: remedy)
        }
    }

    private static func release(_ connection: borrowing PostgresConnection) throws -> String {
        if let yugabyte = try connection.yugabyteVersion() {
            return "YugabyteDB \(yugabyte.numbers.prefix(2).map(String.init).joined(separator: "."))"
        }
        return "PostgreSQL \(connection.serverVersion / 10000)"
    }
}
