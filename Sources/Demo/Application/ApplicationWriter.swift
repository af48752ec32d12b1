import Engine
import Foundation
import Postgres
import Records

/// One connection's worth of the application: transaction after transaction at a steady rate, wherever it may write.
struct ApplicationWriter {
    /// How far behind its rate it may make up for, so that a pause is not followed by a burst.
    private static let catchUpSeconds = 0.5
    private static let idleSeconds = 0.01
    private static let reconnectSeconds = 0.1

    let access: [Side: DatabaseAccess]
    let ledger: LedgerFile
    let moves: MoveClock
    let watch: RouteMonitor
    let stop: StopSignal
    let secondsPerTransaction: Double
    /// The last transaction this lane begins, for tests; nil for no end.
    let transactionsMax: Int?
    var work: ShopWork
    private var due = 0.0
    private var begun = 0

    init(
        access: [Side: DatabaseAccess], ledger: LedgerFile, moves: MoveClock, watch: RouteMonitor,
        stop: StopSignal,
        rate: Double, transactionsMax: Int?, work: ShopWork
    ) {
        self.access = access
        self.ledger = ledger
        self.moves = moves
        self.watch = watch
        self.stop = stop
        secondsPerTransaction = 1 / max(rate, 0.01)
        self.transactionsMax = transactionsMax
        self.work = work
    }

    private var isFinished: Bool { stop.isRequested || transactionsMax.map { begun >= $0 } ?? false }

    /// Runs until the stop; throws only where the ledger cannot be kept.
    mutating func run() throws {
        while !isFinished {
            guard let side = watch.current.side, let way = access[side] else {
                Thread.sleep(forTimeInterval: Self.idleSeconds)
                continue
            }
            do {
                try stay(at: side, way)
            } catch let error as PostgresError {
                if !Self.isExpected(error) { try ledger.append(.fault("at the \(side.rawValue): \(error)")) }
                Thread.sleep(forTimeInterval: Self.reconnectSeconds)
            }
        }
    }

    /// Connects and works until the route goes elsewhere. A connection that is lost ends it with the error.
    private mutating func stay(at side: Side, _ way: DatabaseAccess) throws {
        let session = try PostgresConnection(way, applicationName: Shop.applicationName, settings: nil)
        due = moves.now
        while !isFinished, watch.current.side == side {
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
                "insert into ledger_entry (transaction_id, kind, effects, ticket) "
                    + "values ($1, $2, $3, nextval('ticket_number'))",
                [String(id), kind.rawValue, effects.description], doing: "write to the ledger")
        } catch let error as PostgresError {
            // No COMMIT was sent: the server forgets it, whatever became of the connection.
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

    /// What an application meets while it follows a migration: a lost connection, a database that is read-only now,
    /// and another transaction in its way.
    static func isExpected(_ error: PostgresError) -> Bool {
        error.isConnectionLoss || error.isTransient || error.sqlState == "25006"
    }
}

extension ApplicationRoute {
    /// The database to write to, nil while neither is.
    var side: Side? {
        switch self {
        case .source: .source
        case .neither: nil
        case .target: .target
        }
    }
}
