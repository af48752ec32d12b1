import Engine
import Foundation
import Postgres
import Records

/// One writing thread of the application: transactions at a steady rate, on the database that it may write
/// to.
struct ApplicationWriter {
    /// The longest delay that it makes up for, so that no burst follows a pause.
    private static let catchUpSeconds = 0.5
    private static let idleSeconds = 0.01
    private static let reconnectSeconds = 0.1

    let access: [Side: DatabaseAccess]
    let ledger: LedgerFile
    let moves: MoveClock
    let monitor: RouteMonitor
    let stop: StopSignal
    let secondsPerTransaction: Double
    /// The number of transactions after which this writer ends, for tests; nil for no end.
    let transactionsMax: Int?
    var work: ShopWork
    private var due = 0.0
    private var begun = 0

    init(
        access: [Side: DatabaseAccess], ledger: LedgerFile, moves: MoveClock, monitor: RouteMonitor,
        stop: StopSignal,
        rate: Double, transactionsMax: Int?, work: ShopWork
    ) {
        self.access = access
        self.ledger = ledger
        self.moves = moves
        self.monitor = monitor
        self.stop = stop
        secondsPerTransaction = 1 / max(rate, 0.01)
        self.transactionsMax = transactionsMax
        self.work = work
    }

    private var isFinished: Bool { stop.isRequested || transactionsMax.map { begun >= $0 } ?? false }

    /// Runs until the stop; throws only if the ledger cannot be written.
    mutating func run() throws {
        while !isFinished {
            guard let side = monitor.current.side, let database = access[side] else {
                Thread.sleep(forTimeInterval: Self.idleSeconds)
                continue
            }
            do {
                try stay(at: side, database)
            } catch let error as PostgresError {
                if !Self.isExpected(error) { try ledger.append(.fault("at the \(side.rawValue): \(error)")) }
                Thread.sleep(forTimeInterval: Self.reconnectSeconds)
            }
        }
    }

    /// Connects and writes until the route changes. Throws if the connection is lost.
    private mutating func stay(at side: Side, _ database: DatabaseAccess) throws {
        let session = try PostgresConnection(database, applicationName: Shop.applicationName, settings: nil)
        due = moves.now
        while !isFinished, monitor.current.side == side {
            let now = moves.now
            if due > now {
                Thread.sleep(forTimeInterval: min(due - now, Self.idleSeconds))
                continue
            }
            due = max(due + secondsPerTransaction, now - Self.catchUpSeconds)
            begun += 1
            try transact(at: side, session)
        }
    }

    private mutating func transact(at side: Side, _ session: borrowing PostgresConnection) throws {
        let kind = work.nextKind()
        let id = ledger.nextID()
        try ledger.append(.intent(id, kind: kind.rawValue))
        let effects: Effects
        do {
            try session.execute("begin", doing: "begin")
            effects = try work.perform(kind, on: session)
            if kind.isRolledBack {
                try session.execute("rollback", doing: "roll back")
                return try ledger.append(.failed(id, reason: "on purpose"))
            }
            try session.query(
                "insert into ledger_entry (transaction_id, kind, effects, ticket) values ($1, $2, $3, "
                    + "nextval('ticket_number'))",
                [String(id), kind.rawValue, effects.description], doing: "write to the ledger")
        } catch let error as PostgresError {
            // No COMMIT was sent, so the server rolls back, whatever happened to the connection.
            try ledger.append(.failed(id, reason: error.sqlState.isEmpty ? "connection" : error.sqlState))
            if error.isConnectionLoss { throw error }
            if !Self.isExpected(error) {
                try ledger.append(.fault("\(kind.rawValue) at the \(side.rawValue): \(error)"))
            }
            try session.execute("rollback", doing: "roll back")
            return
        }
        do { try session.execute("commit", doing: "commit") } catch {
            try ledger.append(.inDoubt(id))
            throw error
        }
        try ledger.append(.acknowledged(id, at: side, effects))
        if let move = moves.acknowledged(at: side) { try ledger.append(move) }
    }

    /// Whether an application must expect the error during a migration: a lost connection, a database that is
    /// now read-only, or a conflict with another transaction.
    static func isExpected(_ error: PostgresError) -> Bool {
        error.isConnectionLoss || error.isTransient || error.sqlState == "25006"
    }
}

extension ApplicationRoute {
    /// The database to write to, nil while the application must not write.
    var side: Side? {
        switch self {
        case .source: .source
        case .neither: nil
        case .target: .target
        }
    }
}
