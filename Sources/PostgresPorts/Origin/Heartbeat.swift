import Engine
import Postgres
import Records

/// A change of ours that moves an idle slot forward, written over one connection.
///
/// A slot moves only past WAL of its own database. A logical message without content moves it, or the row of
/// the leg's barriers if they are rows. If the role may not write one, or the server has none, only the
/// application's changes move the slot.
struct Heartbeat {
    /// The migration of the leg's barrier rows; nil if its barriers are messages.
    let rows: String?
    private var isRefused = false

    private static let content = "heartbeat"
    /// insufficient_privilege, undefined_function, read_only_sql_transaction, feature_not_supported.
    private static let refusals = ["42501", "42883", "25006", "0A000"]

    init(rows: String?) { self.rows = rows }

    /// Writes a heartbeat. Returns a warning if that is refused, and does not try again.
    mutating func write(_ control: borrowing PostgresConnection, slot: String) throws -> String? {
        guard !isRefused else { return nil }
        do {
            if rows != nil {
                // If commits on the origin wait for our confirmation, this one must not: losing it does no
                // harm.
                try control.execute("set synchronous_commit = local", doing: "write a heartbeat")
                try control.writeBarrier(Self.content, asRowOf: rows)
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
                "\(error); while nobody writes to this database the slot \(slot) keeps the WAL of the "
                + "server's others, and a cutover needs the same right"
            guard rows == nil else { return consequence }
            let parameters =
                control.serverVersion >= 170_000 ? "boolean, text, text, boolean" : "boolean, text, text"
            return consequence
                + ": grant execute on function pg_catalog.pg_logical_emit_message(\(parameters)) to "
                + "\(quoteIdentifier(control.user))"
        }
    }
}
