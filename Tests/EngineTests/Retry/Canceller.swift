import Foundation
import Postgres
import Records
import Synchronization

@testable import Engine

/// Cancels what the sessions of a migration do on one server, as an operator, a tool or a timeout does.
final class Canceller: Sendable {
    private let hits = Atomic<Int>(0)
    private let left = Atomic<Int>(0)
    private let ended = Atomic<Bool>(false)

    /// - Parameters:
    ///   - sessions: a pattern of their application names
    ///   - max: cancels at most so many statements
    ///   - waiting: only those that wait for a lock
    init(_ site: Site, _ side: Side, _ sessions: String, max: Int, waiting: Bool = false) throws {
        left.store(max, ordering: .releasing)
        let session = Held(try site.connect(side))
        let sql =
            "select pg_catalog.pg_cancel_backend(pid) from pg_catalog.pg_stat_activity where datname "
            + "= $1 and "
            + "application_name like $2 and (state = 'active' or backend_type = 'walsender') "
            + (waiting ? "and wait_event_type = 'Lock' " : "") + "limit 1"
        let name = site.name
        Thread { [self] in
            while !ended.load(ordering: .acquiring), left.load(ordering: .acquiring) > 0 {
                // The server of a test may be gone by then.
                let found = (try? session.connection.query(sql, [name, sessions]))?.rows.count ?? 0
                hits.add(found, ordering: .relaxed)
                left.subtract(found, ordering: .acquiringAndReleasing)
                usleep(found > 0 ? 60_000 : 3000)
            }
        }.start()
    }

    private final class Held: @unchecked Sendable {
        // Sound: the thread alone uses it.
        let connection: PostgresConnection
        init(_ connection: consuming PostgresConnection) { self.connection = connection }
    }

    var count: Int { hits.load(ordering: .acquiring) }

    func end() { ended.store(true, ordering: .releasing) }
}
