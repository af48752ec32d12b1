import Engine
import Postgres
import Records

/// A monitor's connection. It is made at its first use, and again after a failure.
final class MonitorConnection {
    private let context: RoleContext
    private let side: Side
    private let name: String
    private var session: Session?

    /// A box, because a connection cannot be copied.
    private final class Session {
        let connection: PostgresConnection
        init(_ connection: consuming PostgresConnection) { self.connection = connection }
    }

    init(_ context: RoleContext, _ side: Side, as name: String) {
        self.context = context
        self.side = side
        self.name = name
    }

    /// Runs `body` on the connection. After an error the connection is closed.
    func use<R>(_ body: (borrowing PostgresConnection) throws -> R) throws -> R {
        do {
            let current = try session ?? Session(context.connect(side, as: name))
            session = current
            return try body(current.connection)
        } catch {
            session = nil
            throw error
        }
    }
}
