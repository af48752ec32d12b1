import Records

/// A mark of ours in an origin's stream of transactions: a logical message in a transaction of its own.
///
/// If the origin has no logical messages, or the role may not write one, a row of a published table replaces
/// it. The log has the message also for a row.
package enum Barrier {
    package static let prefix = "switchback"
    /// The table of barrier rows; its columns are `migration_uuid`, `content` and `written_at`.
    package static let table = QualifiedName(schema: MetadataSchema.name, name: "switchback_barriers")
    private static let contentColumn = 1

    /// Content that marks a transaction of ours that is no barrier, so that it does not count as a write of
    /// the application.
    package static let own = "own"

    /// Returns a barrier's content: the cutover's token and the kind of the barrier, as `token/kind`.
    package static func content(token: String, kind: BarrierKind) -> String { "\(token)/\(kind.rawValue)" }

    /// Reads a barrier's content; nil for other content.
    package static func parse(_ content: String) -> (token: String, kind: BarrierKind)? {
        let parts = content.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let kind = BarrierKind(rawValue: String(parts[1])) else { return nil }
        return (String(parts[0]), kind)
    }

    /// Returns the barrier that a change of the barriers' table writes; nil for any other change and for a
    /// heartbeat.
    package static func content(of change: RawSpan) throws(MalformedMessage) -> String? {
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
    package static func marksOwn(_ message: RawSpan) throws(MalformedMessage) -> Bool {
        guard case .message(_, _, prefix, let content) = try ChangeMessage.decode(message) else {
            return false
        }
        return MessageCursor().text(content, in: message) == own
    }
}

extension MigrationRecord {
    /// The migration whose barrier rows a leg has; nil if its barriers are messages.
    package func barrierRows(ofLeg number: Int) -> String? {
        legs.first { $0.number == number }?.origin.barriers == .row ? uuid : nil
    }
}

extension RoleContext {
    /// Records a barrier of the open cutover that came through the stream; ignores those of earlier cutovers.
    ///
    /// - Parameter transactions: number of transactions with changes that the leg has logged before it
    package func recordBarrier(_ content: String, at lsn: LogPosition, transactions: Int64) {
        guard let (token, kind) = Barrier.parse(content) else { return }
        do {
            try update { record in
                guard let index = record.cutovers.indices.last, record.cutovers[index].token == token,
                    record.cutovers[index].isOpen, record.cutovers[index].barriers[kind] == nil
                else { return }
                record.cutovers[index].barriers[kind] = Cutover.Barrier(
                    lsn: lsn, transactions: transactions, seenAt: secondsNow())
            }
        } catch {
            // The step that waits for the barrier writes it again.
            log(.warning, "capture", "the barrier at \(lsn) could not be recorded: \(error)")
        }
    }
}
