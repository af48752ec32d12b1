import Engine
import Foundation
import Postgres
import Records
import Synchronization

/// What one run of the application needs to know.
package struct ApplicationOptions: Sendable {
    /// Where the ledger lies.
    package var directory: String
    /// Transactions a second.
    package var rate: Double
    package var source: DatabaseAccess
    package var target: DatabaseAccess?
    package var lanes: Int
    /// Ends by itself after so many transactions in all; nil for no end.
    package var transactionsMax: Int?
    package var seed: UInt64

    package init(
        directory: String, rate: Double, source: DatabaseAccess, target: DatabaseAccess? = nil,
        lanes: Int = 2,
        transactionsMax: Int? = nil, seed: UInt64 = UInt64.random(in: 0...UInt64(Int64.max))
    ) {
        self.directory = directory
        self.rate = rate
        self.source = source
        self.target = target
        self.lanes = lanes
        self.transactionsMax = transactionsMax
        self.seed = seed
    }
}

/// The application: writes to the shop wherever `route` says, and keeps its ledger, until `stop`. Blocks.
package func runApplication(
    _ options: ApplicationOptions, stop: StopSignal, route: @escaping @Sendable () throws -> ApplicationRoute
) throws {
    let path = ledgerPath(in: options.directory)
    let ledger = try LedgerFile(path: path)
    let opening = try openLedger(ledger, path: path, source: options.source)
    let watch = try RouteMonitor(stop: stop, route: route)
    let moves = MoveClock()
    var access: [Side: DatabaseAccess] = [.source: options.source]
    access[.target] = options.target
    let failures = Mutex<[any Error]>([])
    let running = DispatchGroup()
    for number in 0..<options.lanes {
        let prepared = ApplicationWriter(
            access: access, ledger: ledger, moves: moves, watch: watch, stop: stop,
            rate: options.rate / Double(options.lanes),
            transactionsMax: options.transactionsMax.map {
                ($0 + options.lanes - 1 - number) / options.lanes
            },
            work: ShopWork(opening: opening, seed: options.seed &+ UInt64(number)))
        running.enter()
        let thread = Thread {
            var lane = prepared
            do { try lane.run() } catch {
                failures.withLock { $0.append(error) }
                stop.request()
            }
            running.leave()
        }
        thread.name = "lane \(number)"
        thread.start()
    }
    running.wait()
    if let failure = failures.withLock({ $0.first }) { throw failure }
}

package func ledgerPath(in directory: String) -> String { directory + "/ledger" }

/// Writes how many rows each table has before the first transaction; a ledger that goes on has that already.
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
