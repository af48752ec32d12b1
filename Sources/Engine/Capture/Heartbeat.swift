import Postgres
import Records

/// Moves an idle slot, over one connection. Such a slot moves only past WAL of its own database: a message that means
/// nothing moves it. Where the role may not write one, or the server has none, the slot moves with the application's own
/// changes.
struct Heartbeat {
    private var isRefused = false

    /// A right that lacks, no such function, a read-only transaction, not supported.
    private static let refusals = ["42501", "42883", "25006", "0A000"]

    /// Writes one; what is to be told where that is refused, once.
    mutating func beat(_ control: borrowing PostgresConnection, slot: String) throws -> String? {
        guard !isRefused else { return nil }
        do {
            try control.query(
                "select pg_catalog.pg_logical_emit_message(false, 'switchback-heartbeat', '')",
                doing: "write a heartbeat")
            return nil
        } catch {
            guard Self.refusals.contains(error.sqlState) else { throw error }
            isRefused = true
            return
                "\(error); while nobody writes to this database the slot \(slot) keeps the WAL of the server's others, and a "
                + "cutover needs the same right: grant execute on function "
                + "pg_catalog.pg_logical_emit_message(boolean, text, text) to \(quoteIdentifier(control.user))"
        }
    }
}
