import Engine
import Postgres
import Records

extension PostgresConnection {
    /// Whether a stream sends logical messages that this role writes. `pgoutput` sends them from 14 on;
    /// YugabyteDB's walsender has none. Their function has a fourth parameter from 17 on.
    func carriesMessages() throws -> Bool {
        guard serverVersion >= 140_000, try !isYugabyteDB() else { return false }
        return try query(
            "select bool_and(has_function_privilege(oid, 'execute')) from pg_catalog.pg_proc "
                + "where pronamespace = 'pg_catalog'::regnamespace and proname = 'pg_logical_emit_message' "
                + "and proargtypes[2] = 'text'::regtype", doing: "check the right to write messages"
        ).scalar == "t"
    }

    /// Writes a barrier in a transaction of its own.
    ///
    /// - Parameter migration: whose barrier row it is; nil for a logical message
    func writeBarrier(_ content: String, asRowOf migration: String?) throws {
        guard let migration else {
            try query(
                Self.barrierMessage, [Barrier.prefix, content],
                doing: "write a barrier")
            return
        }
        try query(Self.barrierRow, [migration, content], doing: "write a barrier")
    }

    /// The statement that writes a barrier as a logical message: its prefix and its content.
    static var barrierMessage: String { "select pg_catalog.pg_logical_emit_message(true, $1, $2)" }

    /// The statement that writes a barrier as a row: the migration and its content.
    static var barrierRow: String {
        "insert into \(Barrier.table.quoted) values ($1, $2) on conflict (migration_uuid, content) do "
            + "update set written_at = clock_timestamp()"
    }
}
