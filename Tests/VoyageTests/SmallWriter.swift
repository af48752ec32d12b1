import Foundation
import Postgres
import Synchronization

/// An application in small, on a thread of its own: it inserts a row and changes another, some times a
/// second, and connects again after an error, until it is told to stop.
final class SmallWriter: Sendable {
    private struct State {
        var isStopping = false
        var hasEnded = false
        var commits = 0
    }

    private let state = Mutex(State())

    /// Time between two transactions, and before a new connection.
    private static let pauseMicroseconds: UInt32 = 15_000

    init(_ access: DatabaseAccess) { Thread.detachNewThread { self.run(access) } }

    var commits: Int { state.withLock { $0.commits } }

    /// Returns when its last transaction has ended.
    func stop() {
        state.withLock { $0.isStopping = true }
        while !state.withLock({ $0.hasEnded }) { usleep(1000) }
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private func run(_ access: DatabaseAccess) {
        while !isStopping {
            // A server that is away is tried again, as an application does.
            do { try write(access) } catch { usleep(Self.pauseMicroseconds) }
        }
        state.withLock { $0.hasEnded = true }
    }

    private func write(_ access: DatabaseAccess) throws {
        let session = try PostgresConnection(access, applicationName: "shop")
        while !isStopping {
            let account = 1 + commits % 30
            try session.execute(
                "begin; insert into entry (account_id, amount, note) values (\(account), 1, 'written'); "
                    + "update account set balance = balance + 1 where id = \(account); commit")
            state.withLock { $0.commits += 1 }
            usleep(Self.pauseMicroseconds)
        }
    }
}
