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
    ///
    /// - Parameter keepsAfterRefusal: keep it if the server has only refused a statement. No transaction of
    ///   `body` is open then.
    func use<R>(
        keepsAfterRefusal: Bool = false, _ body: (borrowing PostgresConnection) throws -> R
    ) throws -> R {
        do {
            return try body(try connect().connection)
        } catch {
            let isKept = keepsAfterRefusal && (error as? PostgresError)?.refusesStatement == true
            if !isKept { session = nil }
            throw error
        }
    }

    private func connect() throws -> Session {
        let current = try session ?? Session(context.connect(side, as: name))
        session = current
        return current
    }
}
