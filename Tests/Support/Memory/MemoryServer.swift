import Engine
import Foundation
import Records
import Synchronization

/// A database server in memory: tables, a log of transactions, sequences and our metadata. It stands for a
/// database of a kind that the engine does not know. Its commit positions are not unique: two transactions
/// may commit at the same one, and have ranks.
package final class MemoryServer: Sendable {
    package let name: String
    private let state: Mutex<State>

    /// What a test can have the server do wrong. Each happens once.
    package enum Fault: Sendable, Equatable {
        /// The stream is lost after this many messages.
        case streamLost(afterMessages: Int)
        /// A commit takes effect, and its answer is lost.
        case commitAnswerLost
        /// A commit does not take effect, and the connection is lost.
        case commitLost
        /// The next stream begins at the start of the log, and sends everything again.
        case sentAgain
    }

    struct State: Sendable {
        var tables: [QualifiedName: MemoryTable]
        var log: [MemoryTransaction] = []
        /// The commit position of the last transaction.
        var commit: UInt64 = 0
        /// Whether the next transaction may commit at the same position.
        var isShareable = false
        var transactions: UInt32 = 0
        var publications: [String: Set<QualifiedName>] = [:]
        var slots: [String: MemorySlot] = [:]
        var isFenced = false
        var sequences: [QualifiedName: Int64] = [:]
        var migrations: [String: MemoryMetadata] = [:]
        var faults: [Fault] = []
        var openWriters: [OpenWriter] = []
        /// The table whose checksum does not end before this is nil.
        var lockedTable: QualifiedName?
        /// Changes that are in the log, and that nobody sees yet.
        var unseen: [MemoryChange] = []
        /// Number of times that somebody has asked which transactions are committing.
        var committingAsked = 0
        /// Called once, before the digests of rows are read.
        var onReading: (@Sendable () -> Void)?
        /// Objects that the application made.
        var objects: [CatalogObject] = []
    }

    package init(_ name: String, _ tables: [Table]) {
        self.name = name
        let rows = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, MemoryTable(table: $0)) })
        state = Mutex(State(tables: rows))
    }

    func with<R: Sendable>(_ body: (inout State) throws -> R) rethrows -> R {
        try state.withLock { try body(&$0) }
    }

    // MARK: What an application does

    /// Commits changes as the application. Throws if the database takes no writes.
    ///
    /// - Parameter atSamePosition: commit at the position of the transaction before, with the next rank
    package func commit(_ changes: [MemoryChange], atSamePosition: Bool = false) throws {
        try state.withLock { state in
            guard !state.isFenced else { throw MemoryError.fenced }
            try state.append(changes, atSamePosition: atSamePosition)
        }
    }

    /// Changes rows as nobody should: also while the server takes no writes, and the log has nothing of it.
    package func corrupt(_ changes: [MemoryChange]) {
        state.withLock { state in
            for change in changes {
                // A test names rows that are there.
                switch change {
                case .insert(let table, let row): _ = try? state.tables[table]?.insert(row)
                case .update(let table, let key, let row): _ = try? state.tables[table]?.update(key, to: row)
                case .delete(let table, let key): _ = try? state.tables[table]?.delete(key)
                case .truncate(let table): state.tables[table]?.clear()
                case .message: break
                }
            }
        }
    }

    /// Commits changes that the log has, and that nobody sees before `show`, as if a standby were waited for.
    package func commitUnseen(_ changes: [MemoryChange]) throws {
        try state.withLock { state in
            let tables = state.tables
            try state.append(changes)
            state.tables = tables
            state.unseen = changes
        }
    }

    package func show() throws {
        try state.withLock { state in
            try state.apply(state.unseen)
            state.unseen = []
        }
    }

    /// Number of times that somebody has asked which transactions are committing.
    package var committingAsked: Int { state.withLock { $0.committingAsked } }

    /// Has a function called once, before the digests of rows are read next.
    package func onReading(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.onReading = body }
    }

    func reading() {
        let body = state.withLock { state in
            defer { state.onReading = nil }
            return state.onReading
        }
        body?()
    }

    /// Writes the rows of a table again by DDL, which the log has nothing of.
    package func rewrite(_ table: QualifiedName, _ change: ([String?]) -> [String?]) {
        state.withLock { $0.tables[table]?.rewrite(change) }
    }

    package func rows(of table: QualifiedName) -> [[String?]] {
        state.withLock { $0.tables[table]?.sorted ?? [] }
    }

    package func sequence(_ name: QualifiedName) -> Int64? { state.withLock { $0.sequences[name] } }

    package func setSequence(_ name: QualifiedName, _ value: Int64) {
        state.withLock { $0.sequences[name] = value }
    }

    package func plan(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }

    package func setOpenWriters(_ writers: [OpenWriter]) { state.withLock { $0.openWriters = writers } }

    /// Locks a table against checksums; nil releases it.
    package func lock(_ table: QualifiedName?) { state.withLock { $0.lockedTable = table } }

    package func setObjects(_ objects: [CatalogObject]) { state.withLock { $0.objects = objects } }

    /// Whether anything of a migration is left.
    package var isClean: Bool {
        state.withLock {
            $0.slots.isEmpty && $0.publications.isEmpty && $0.migrations.isEmpty && !$0.isFenced
        }
    }

    /// Drops all slots, as somebody else may do.
    package func dropSlots() { state.withLock { $0.slots = [:] } }
}

/// A table of the memory server. Its rows are found by the primary key.
struct MemoryTable: Sendable {
    let table: Table
    private(set) var rows: [[String?]: [String?]] = [:]
    /// The number of times that DDL has written the rows again.
    private(set) var file = 0

    init(table: Table) { self.table = table }

    var sorted: [[String?]] { rows.values.sorted { "\($0)" < "\($1)" } }

    func key(_ row: [String?]) -> [String?] {
        table.primaryKey.map { name in
            table.columns.firstIndex { $0.name == name }.flatMap { row[$0] }
        }
    }

    mutating func insert(_ row: [String?]) throws {
        guard rows[key(row)] == nil else { throw MemoryError.refused("a row with this key exists") }
        rows[key(row)] = row
    }

    mutating func delete(_ key: [String?]) throws -> [String?] {
        guard let row = rows.removeValue(forKey: key) else {
            throw MemoryError.refused("the row is not there")
        }
        return row
    }

    mutating func update(_ key: [String?], to row: [String?]) throws {
        _ = try delete(key)
        try insert(row)
    }

    mutating func clear() { rows = [:] }

    mutating func rewrite(_ change: ([String?]) -> [String?]) {
        rows = rows.mapValues(change)
        file += 1
    }
}

/// One change of a transaction of the memory server.
package enum MemoryChange: Sendable, Equatable {
    case insert(QualifiedName, [String?])
    case update(QualifiedName, key: [String?], [String?])
    case delete(QualifiedName, key: [String?])
    case truncate(QualifiedName)
    /// A message of ours: a barrier, or the mark of a transaction of ours.
    case message(String)

    var table: QualifiedName? {
        switch self {
        case .insert(let table, _), .update(let table, _, _), .delete(let table, _), .truncate(let table):
            table
        case .message: nil
        }
    }
}

/// A transaction in the log of the memory server.
struct MemoryTransaction: Sendable {
    let position: LogPosition
    let number: UInt32
    let changes: [MemoryChange]
    let microseconds: Int64
}

/// What the memory server keeps for the stream of a leg.
struct MemorySlot: Sendable {
    /// Everything below was committed before the slot was made.
    let first: LogPosition
    /// Everything below is confirmed.
    var confirmed: LogPosition
    var isActive = false

    init(confirmed: LogPosition) {
        first = confirmed
        self.confirmed = confirmed
    }
}

/// What the memory server keeps of a migration that writes to it.
struct MemoryMetadata: Sendable {
    var channels: [Int: Channel] = [0: Channel(number: 0, appliedLSN: .zero, counts: .zero)]
    var counts: [QualifiedName: ChangeCounts] = [:]
    var stashed: [StashedChange] = []
    var chunks: Set<MemoryChunk> = []
}

/// An error of the memory server.
enum MemoryError: DatabaseError, Equatable {
    case lost
    case fenced
    case inUse
    case refused(String)
    /// The channels are not where a writer left them.
    case watermarkMoved

    var condition: ErrorCondition {
        switch self {
        case .lost: .connectionLost
        case .fenced: .readOnly
        case .inUse: .inUse
        case .refused, .watermarkMoved: .final
        }
    }

    var refusesStatement: Bool { self != .lost }
    var refusesLogin: Bool { false }
    var streamFault: StreamFault? { nil }

    var reason: String {
        switch self {
        case .lost: "the connection was lost"
        case .fenced: "the database takes no writes"
        case .inUse: "the stream is in use"
        case .refused(let reason): reason
        case .watermarkMoved: "a watermark is not where it was left"
        }
    }

    var description: String { "memory server: \(reason)" }
}
