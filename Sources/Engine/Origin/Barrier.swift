import Postgres
import Records

/// What marks a point in an origin's stream of transactions: a logical message in a transaction of its own, or, where the
/// origin has none or the role may not write one, a row of a published table, which the log holds as the message it stands
/// for.
enum Barrier {
    static let prefix = "switchback"
    /// The table of the rows; its columns are `migration_uuid`, `content` and `written_at`.
    static let table = QualifiedName(schema: PostgresConnection.metadataSchema, name: "switchback_barriers")
    private static let contentColumn = 1

    /// What marks a transaction of ours that is no barrier: it is nobody's write.
    static let own = "own"

    /// `token/name`: the cutover it belongs to and which of its barriers it is.
    static func content(token: String, name: String) -> String { "\(token)/\(name)" }

    static func parse(_ content: String) -> (token: String, name: String)? {
        let parts = content.split(separator: "/", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    /// The barrier that a change of its table's row writes; nil where it is another change, or a heartbeat.
    static func content(of change: RawSpan) throws(MalformedMessage) -> String? {
        let values: [TupleValue]
        switch try ChangeMessage.decode(change) {
        case .insert(_, let new), .update(_, _, _, let new): values = new
        case .begin, .commit, .origin, .relation, .type, .delete, .truncate, .message: return nil
        }
        guard values.indices.contains(contentColumn), case .text(let range) = values[contentColumn] else {
            return nil
        }
        let content = MessageCursor().text(range, in: change)
        return content == own || parse(content) != nil ? content : nil
    }

    /// Whether a logical message marks its transaction as ours.
    static func marksOwn(_ message: RawSpan) throws(MalformedMessage) -> Bool {
        guard case .message(_, _, prefix, let content) = try ChangeMessage.decode(message) else {
            return false
        }
        return MessageCursor().text(content, in: message) == own
    }

    /// The logical message a row stands for (manual chapter "Logical Replication Message Formats", Message).
    static func message(_ content: String, at lsn: LSN) -> [UInt8] {
        let text = Array(content.utf8)
        var bytes: [UInt8] = [MessageKind.message, 1]
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: lsn.bytes >> UInt64(shift)))
        }
        bytes += Array(prefix.utf8) + [0]
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: text.count >> shift)) }
        return bytes + text
    }
}

extension PostgresConnection {
    /// Whether logical messages written by this role come through a stream: pgoutput sends them from 14 on, and
    /// YugabyteDB's walsender knows no such change. Their function has a fourth parameter from 17 on.
    func carriesMessages() throws -> Bool {
        guard serverVersion >= 140_000, try !isYugabyteDB() else { return false }
        return try query(
            "select bool_and(has_function_privilege(oid, 'execute')) from pg_catalog.pg_proc "
                + "where pronamespace = 'pg_catalog'::regnamespace and proname = 'pg_logical_emit_message' "
                + "and proargtypes[2] = 'text'::regtype", doing: "look for the right to write messages"
        ).scalar == "t"
    }

    /// Writes a barrier in a transaction of its own.
    func writeBarrier(_ content: String, asRowOf migration: String?) throws {
        guard let migration else {
            try query(
                "select pg_catalog.pg_logical_emit_message(true, $1, $2)", [Barrier.prefix, content],
                doing: "write a barrier")
            return
        }
        try query(
            "insert into \(Barrier.table.quoted) values ($1, $2) "
                + "on conflict (migration_uuid, content) do update set written_at = clock_timestamp()",
            [migration, content], doing: "write a barrier")
    }
}

extension MigrationRecord {
    /// Whose barrier rows a leg has; nil where its barriers are messages.
    func barrierRows(ofLeg number: Int) -> String? {
        legs.first { $0.number == number }?.barriersAreRows == true ? uuid : nil
    }
}

extension RoleContext {
    /// Notes a barrier of the open cutover that came through; one of an earlier cutover means nothing any more.
    ///
    /// - Parameter transactions: those with changes that the leg has logged up to it.
    func recordBarrier(_ content: String, at lsn: LSN, transactions: Int64) {
        guard let (token, name) = Barrier.parse(content) else { return }
        do {
            try update { record in
                guard let index = record.cutovers.indices.last, record.cutovers[index].token == token,
                    record.cutovers[index].isOpen, record.cutovers[index].barriers[name] == nil
                else { return }
                record.cutovers[index].barriers[name] = Cutover.Barrier(
                    lsn: lsn, transactions: transactions, seenAt: secondsNow())
            }
        } catch {
            // The step that waits for the barrier writes it again.
            log(.warning, "capture", "the barrier at \(lsn) could not be noted: \(error)")
        }
    }
}
