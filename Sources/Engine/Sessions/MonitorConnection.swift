import Postgres
import Records

/// A connection of a thread that looks on. It is made when it is asked for first, and anew after anything has failed on it.
final class MonitorConnection {
    private let context: RoleContext
    private let side: Side
    private let role: String
    private var connection: Held?

    /// A connection that may be none.
    private final class Held {
        let session: PostgresConnection
        init(_ session: consuming PostgresConnection) { self.session = session }
    }

    init(_ context: RoleContext, _ side: Side, as role: String) {
        self.context = context
        self.side = side
        self.role = role
    }

    func use<R>(_ body: (borrowing PostgresConnection) throws -> R) throws -> R {
        do {
            let held = try connection ?? Held(context.connect(side, as: role))
            connection = held
            return try body(held.session)
        } catch {
            connection = nil
            throw error
        }
    }
}
