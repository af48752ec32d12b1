import Postgres
import Records

/// Moves an idle slot, over one connection. Such a slot moves only past WAL of its own database: a message that means
/// nothing moves it, or the row of the leg's barriers where it has those. Where the role may not write one, or the server has
/// none, the slot moves with the application's own changes.
struct Heartbeat {
    /// Whose barrier rows the leg has; nil where it has none.
    let rows: String?
    private var isRefused = false

    private static let word = "heartbeat"
    /// A right that lacks, no such function, a read-only transaction, not supported.
    private static let refusals = ["42501", "42883", "25006", "0A000"]

    init(rows: String?) { self.rows = rows }

    /// Writes one; what is to be told where that is refused, once.
    mutating func beat(_ control: borrowing PostgresConnection, slot: String) throws -> String? {
        guard !isRefused else { return nil }
        do {
            if rows != nil {
                // Where commits on the origin wait for our confirmation this one would, and nothing that is lost of it matters.
                try control.execute("set synchronous_commit = local", doing: "write a heartbeat")
                try control.writeBarrier(Self.word, asRowOf: rows)
            } else {
                try control.query(
                    "select pg_catalog.pg_logical_emit_message(false, 'switchback-heartbeat', '')",
                    doing: "write a heartbeat")
            }
            return nil
        } catch {
            guard let error = error as? PostgresError, Self.refusals.contains(error.sqlState) else {
                throw error
            }
            isRefused = true
            let consequence =
                "\(error); while nobody writes to this database the slot \(slot) keeps the WAL of the server's others, and a "
                + "cutover needs the same right"
            guard rows == nil else { return consequence }
            let parameters =
                control.serverVersion >= 170_000 ? "boolean, text, text, boolean" : "boolean, text, text"
            return consequence
                + ": grant execute on function pg_catalog.pg_logical_emit_message(\(parameters)) to \(quoteIdentifier(control.user))"
        }
    }
}
