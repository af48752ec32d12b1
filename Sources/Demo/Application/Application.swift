import Engine
import Foundation
import Postgres
import Records
import Synchronization

/// The settings of one run of the application.
package struct ApplicationOptions: Sendable {
    /// The directory of the ledger.
    package var directory: String
    /// Transactions per second.
    package var rate: Double
    package var source: DatabaseAccess
    package var target: DatabaseAccess?
    /// The number of threads that write, each with a connection of its own.
    package var writers: Int
    /// The number of transactions after which it ends; nil for no end.
    package var transactionsMax: Int?
    package var seed: UInt64

    package init(
        directory: String, rate: Double, source: DatabaseAccess, target: DatabaseAccess? = nil,
        writers: Int = 2,
        transactionsMax: Int? = nil, seed: UInt64 = UInt64.random(in: 0...UInt64(Int64.max))
    ) {
        self.directory = directory
        self.rate = rate
        self.source = source
        self.target = target
        self.writers = writers
        self.transactionsMax = transactionsMax
        self.seed = seed
    }
}

/// Runs the application until `stop`: it writes to the shop's database that `route` names, and keeps its
/// ledger. Blocks.
package func runApplication(
    _ options: ApplicationOptions, stop: StopSignal, route: @escaping @Sendable () throws -> ApplicationRoute
) throws {
    let path = ledgerPath(in: options.directory)
    let ledger = try LedgerFile(path: path)
    let opening = try openLedger(ledger, path: path, source: options.source)
    let monitor = try RouteMonitor(stop: stop, route: route)
    let moves = MoveClock()
    var access: [Side: DatabaseAccess] = [.source: options.source]
    access[.target] = options.target
    let failures = Mutex<[any Error]>([])
    let running = DispatchGroup()
    for number in 0..<options.writers {
        let prepared = ApplicationWriter(
            access: access, ledger: ledger, moves: moves, monitor: monitor, stop: stop,
            rate: options.rate / Double(options.writers),
            transactionsMax: options.transactionsMax.map {
                ($0 + options.writers - 1 - number) / options.writers
            },
            work: ShopWork(opening: opening, seed: options.seed &+ UInt64(number)))
        running.enter()
        let thread = Thread {
            var writer = prepared
            do { try writer.run() } catch {
                failures.withLock { $0.append(error) }
                stop.request()
            }
            running.leave()
        }
        thread.name = "writer \(number)"
        thread.start()
    }
    running.wait()
    if let failure = failures.withLock({ $0.first }) { throw failure }
}

package func ledgerPath(in directory: String) -> String { directory + "/ledger" }

/// Writes the number of rows of each table before the first transaction; a ledger that is continued has it
/// already.
private func openLedger(_ ledger: LedgerFile, path: String, source: DatabaseAccess) throws -> [String: Int64]
{
    let earlier = try Ledger(path: path)
    if !earlier.openingRows.isEmpty { return earlier.openingRows }
    let session = try PostgresConnection(source, applicationName: Shop.applicationName, settings: nil)
    let counts = try session.query(Shop.text(PackageResources.count_rows_sql), doing: "count the shop's rows")
    var opening: [String: Int64] = [:]
    for row in counts.rows {
        guard let table = row[0], let rows = row[1].flatMap(Int64.init) else { continue }
        try ledger.append(.opening(table: table, rows: rows))
        opening[table] = rows
    }
    return opening
}
