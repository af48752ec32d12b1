import Foundation
import Postgres
import Records
import Support
import Synchronization

/// A session of the application on a thread of its own: random transactions, each with its row in the ledger.
final class SimulatedWriter: Sendable {
    private let name: String
    private let access: DatabaseAccess
    private let accounts: Accounts
    private let seed: UInt64
    /// Number of statements of which one, on average, changes many rows.
    private let heavyOneIn: Int
    private let stopping = Atomic<Bool>(false)
    private let done = DispatchSemaphore(value: 0)
    private let written = Atomic<Int>(0)

    /// - Parameter name: the unique prefix of its transactions' names.
    init(_ name: String, access: DatabaseAccess, accounts: Accounts, heavyOneIn: Int, seed: UInt64) {
        self.heavyOneIn = heavyOneIn
        self.name = name
        self.access = access
        self.accounts = accounts
        self.seed = seed
        let thread = Thread { [self] in
            run()
            done.signal()
        }
        thread.name = name
        thread.start()
    }

    var transactions: Int { written.load(ordering: .relaxed) }

    /// Stops it after its current transaction.
    func stop() {
        guard !stopping.exchange(true, ordering: .relaxed) else { return }
        done.wait()
    }

    private var isStopping: Bool { stopping.load(ordering: .relaxed) }

    private func run() {
        var random = Randomness(seed: seed)
        var number = 0
        while !isStopping {
            do {
                let connection = try PostgresConnection(
                    access, applicationName: "simulation \(name)", settings: nil)
                try connection.execute("set lock_timeout = '300ms'")
                while !isStopping {
                    number += 1
                    try transaction("\(name).\(number)", connection, &random)
                    // Sets the rate of the load.
                    usleep(UInt32(random.below(12_000)))
                }
            } catch {
                // The server is away, or the connection was cut: connect again.
                usleep(20_000)
            }
        }
    }

    /// Runs a transaction. Throws if the connection is lost; other errors end in a rollback.
    private func transaction(
        _ id: String, _ connection: borrowing PostgresConnection, _ random: inout Randomness
    ) throws(PostgresError) {
        do {
            try connection.execute("begin")
            let bagDelta = try work(connection, &random)
            let (tally, delta) = (1 + random.below(SimulatedSchema.tallies), random.below(100) - 50)
            try connection.execute("update tally set total = total + \(delta) where id = \(tally)")
            try connection.execute("insert into ledger values ('\(id)', \(tally), \(delta), \(bagDelta))")
            if random.below(12) == 0 {
                accounts.rollBack(id)
                try connection.execute("rollback")
                return
            }
        } catch {
            accounts.rollBack(id)
            if error.isConnectionLoss { throw error }
            try connection.execute("rollback")
            return
        }
        do {
            try connection.execute("commit")
            accounts.acknowledge(id)
            written.add(1, ordering: .relaxed)
        } catch {
            // Deferred constraints are checked at the commit: then the server has rolled it back.
            if error.isConnectionLoss { accounts.doubt(id) } else { accounts.rollBack(id) }
            throw error
        }
    }

    /// Runs the statements of a transaction; returns the change in the number of rows of `bag`.
    private func work(_ connection: borrowing PostgresConnection, _ random: inout Randomness)
        throws(PostgresError) -> Int
    {
        var bagDelta = 0
        for _ in 0..<random.below(8) {
            let usesSavepoint = random.below(4) == 0
            if usesSavepoint { try connection.execute("savepoint here") }
            do {
                try connection.execute(
                    random.below(heavyOneIn) == 0
                        ? SimulatedStatement.heavy(&random) : SimulatedStatement.any(&random))
            } catch {
                guard usesSavepoint, !error.isConnectionLoss else { throw error }
                try connection.execute("rollback to here")
            }
            if usesSavepoint, random.below(2) == 0 { try connection.execute("rollback to here") }
            // Lets other sessions run between the statements.
            if random.below(4) == 0 { usleep(UInt32(random.below(2000))) }
        }
        if random.below(3) == 0 {
            let count = 1 + random.below(3)
            try connection.execute(
                "insert into bag select \(random.below(3)), 'w', '2024-05-05' from generate_series(1, "
                    + "\(count))"
            )
            bagDelta += count
        }
        if random.below(4) == 0 {
            let gone = try connection.query(
                "with gone as (delete from bag where ctid = (select ctid from bag limit 1) returning 1) "
                    + "select count(*) from gone"
            )
            bagDelta -= gone.scalar.flatMap { Int($0) } ?? 0
        }
        return bagDelta
    }
}
