import Engine
import Foundation
import Records
import Schema

/// A memory server as the engine sees it: the second implementation of the ports, beside PostgreSQL's.
package struct MemoryDatabase: Database {
    package let server: MemoryServer

    package init(_ server: MemoryServer) {
        self.server = server
    }

    package var place: String { server.place }

    package func moved(to form: ConnectionForm) -> any Database { self }

    package func side(_ side: Side, _ context: RoleContext) -> any DatabaseSide {
        MemorySide(server: server, side: side, context: context)
    }

    package func origin(of leg: Leg, _ context: RoleContext) -> any Origin {
        MemoryOrigin(server: server, leg: leg, context: context)
    }

    package func destination(of leg: Leg, _ context: RoleContext) -> any Destination {
        MemoryDestination(server: server, leg: leg, context: context)
    }
}

/// What works on one memory server of a migration.
protocol MemoryWork: Sendable {
    var server: MemoryServer { get }
    var side: Side { get }
    var context: RoleContext { get }
}

extension MemoryWork {
    func checkIdentity() throws {
        try context.checkIdentity(side, DatabaseIdentity(identity: server.name, place: server.place))
    }

    /// Undoes recorded changes, newest first.
    func undo(_ matches: (RecordedChange.Kind) -> Bool) throws {
        let changes = DatabaseChanges(context)
        for change in try changes.left(side, matching: matches) {
            server.with { state in
                switch change.kind {
                case .slot(let name): state.slots[name] = nil
                case .publication(let name): state.publications[name] = nil
                case .readOnlyFence, .tableFence, .revokedRights: state.isFenced = false
                case .disabledTrigger, .disabledRule, .droppedForeignKey, .unfinishedForeignKey, .other: break
                }
            }
            try changes.noteUndone(change)
        }
    }

    /// Records a publication and a slot, and makes them. Changes that commit after the call are kept.
    func keepChanges(of tables: [QualifiedName], for leg: Leg) throws -> LogPosition {
        let changes = DatabaseChanges(context)
        try changes.note(side, .publication(name: leg.publicationName), undo: "forget the publication")
        try changes.note(side, .slot(name: leg.slotName), undo: "forget the slot")
        return try server.with { state in
            state.publications[leg.publicationName] = Set(tables)
            state.slots[leg.slotName] = MemorySlot(confirmed: state.end)
            return try state.endPosition()
        }
    }

    func createMetadata() throws {
        let uuid = try context.record().uuid
        server.with { $0.migrations[uuid] = $0.migrations[uuid] ?? MemoryMetadata() }
    }
}

/// A memory server as one side of the migration.
struct MemorySide: MemoryWork, DatabaseSide {
    let server: MemoryServer
    let side: Side
    let context: RoleContext

    private static let lockPollMicroseconds: UInt32 = 1000

    func answers() throws {}

    func identity() throws -> DatabaseIdentity {
        DatabaseIdentity(identity: server.name, place: server.place)
    }

    func analysisTarget() throws -> AnalysisTarget { .postgreSQL(major: nil) }

    func checks(forFallBack: Bool) throws -> [CheckResult] {
        [CheckResult(side: side, name: "connection", state: .ok, found: server.place)]
    }

    func perform(_ fix: CheckFix) throws { throw MemoryError.refused("a memory server takes no SQL") }

    func lookupChecks() throws -> [CheckResult] { [] }

    func tableFacts() throws -> TableFacts { TableFacts(tables: server.allTables, others: []) }

    func offeredTables() throws -> [OfferedTable] {
        OfferedTable.offers(try tableFacts(), lacks: [], filtered: [], references: [])
    }

    func uncarriedObjects(of tables: [QualifiedName]) throws -> [UncarriedObject] { [] }

    func exportSchema(to files: SchemaFiles, startClean: Bool, line: (String) -> Void) throws
        -> SchemaExportResult
    { throw RequestRefused("a memory server has no schema to export") }

    func importSchema(from files: SchemaFiles, _ options: SchemaImportOptions, line: (String) -> Void) throws
        -> SchemaImportResult
    { throw RequestRefused("a memory server takes no schema") }

    func tables() throws -> [Table] { server.allTables }

    func storage(of tables: [QualifiedName], publication: String) throws -> [QualifiedName: String] {
        server.with { state in
            Dictionary(uniqueKeysWithValues: tables.map { ($0, "\(state.tables[$0]?.file ?? 0)") })
        }
    }

    func checksums(of tables: [Table], begin: (Table) -> Void, meanwhile proceed: () throws -> Void) throws
        -> [QualifiedName: String]
    {
        var sums: [QualifiedName: String] = [:]
        for table in tables {
            try proceed()
            begin(table)
            while server.with({ $0.lockedTable == table.name }) {
                try context.stop.check()
                try proceed()
                usleep(Self.lockPollMicroseconds)
            }
            let rows = server.rows(of: table.name)
            let hash = rows.description.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            }
            sums[table.name] = "\(rows.count):\(hash)"
        }
        return sums
    }

    func end(_ session: SessionEnd) throws -> SessionEnd.Outcome {
        server.with { state in
            let open = state.openWriters.filter {
                $0.processID == String(session.processID) && $0.sessionStart == session.startedAt
            }
            guard !open.isEmpty else { return .gone }
            if session.mode == .terminate { state.openWriters.removeAll { open.contains($0) } }
            return .done
        }
    }

    /// A server in memory has no views.
    func refreshViews(
        each line: (RefreshedView) throws -> Void, meanwhile proceed: () throws -> Void
    ) throws { try proceed() }

    func rowReader(as name: String, meanwhile proceed: @escaping () throws -> Void) -> any RowReader {
        MemoryRowReader(self)
    }

    /// A memory server has no foreign keys.
    func finishForeignKeys(line: (String) -> Void, meanwhile proceed: () throws -> Void) throws {}

    func startRemoval(for work: String) throws -> any RemovalSession {
        try checkIdentity()
        return MemoryRemoval(self)
    }
}

/// The removal of what is ours from a memory server.
final class MemoryRemoval: RemovalSession {
    private let database: MemorySide

    init(_ database: MemorySide) { self.database = database }

    var place: String { database.server.place }

    func undoChanges() throws { try database.undo { _ in true } }

    func stashedChanges(of leg: Leg) throws -> any StashedChanges { MemoryStash() }

    func removeMetadata() throws {
        let uuid = try database.context.record().uuid
        database.server.with { $0.migrations[uuid] = nil }
    }
}

/// A memory server stashes nothing.
struct MemoryStash: StashedChanges {
    func stashedChanges(limit: Int) throws -> [StashedChange] { [] }
    func markCarried(_ changes: [StashedChange]) throws {}
}

extension MemoryServer {
    package var place: String { "memory:\(name)" }

    var allTables: [Table] { with { $0.tables.values.map(\.table) }.sorted { $0.name < $1.name } }

    func shapes(of names: Set<QualifiedName>) -> [TableShape] {
        allTables.filter { names.contains($0.name) }.map { table in
            TableShape(
                name: table.name,
                columns: table.columns.map {
                    TableShape.Column(
                        name: $0.name, typeOID: MemoryMessages.textOID, typeText: $0.typeName,
                        typeName: "memory.text", isKey: table.primaryKey.contains($0.name))
                })
        }
    }
}
