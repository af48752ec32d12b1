import Foundation
import Postgres
import Records

/// Records what is changed on a database for our own needs, with the statement that undoes it: the record is written
/// before the change is made, so that no crash leaves a change nobody knows of. Undo statements do nothing where the change is gone.
struct DatabaseChanges: Sendable {
    private let context: RoleContext

    /// So often a slot is tried, five times a second, though a stop is asked for.
    private static let attemptsBeforeStop = 75

    init(_ context: RoleContext) {
        self.context = context
    }

    /// Records a change that is about to be made.
    func note(_ side: Side, _ kind: RecordedChange.Kind, undo: String) throws {
        try context.update { record, transaction in
            if !record.changes.contains(where: { $0.side == side && $0.kind == kind && $0.undoneAt == nil }) {
                record.changes.append(
                    RecordedChange(side: side, kind: kind, undo: undo, madeAt: secondsNow()))
            }
            try transaction.log(.info, "changes", "on \(side.rawValue): \(kind)")
        }
    }

    /// Takes back what was recorded on a side and `matches`, newest first. A slot that is still in use is waited for.
    func undo(
        _ side: Side, on connection: borrowing PostgresConnection, matching matches: (RecordedChange.Kind) -> Bool
    ) throws {
        // YugabyteDB takes a slot for active for a while after it was last read from (ysql_cdc_active_replication_slot_window_ms:
        // a minute, by another page of its manual five).
        let attemptsMax = try connection.isYugabyteDB() ? 1800 : Self.attemptsBeforeStop
        for change in try context.record().changes.reversed()
        where change.side == side && change.undoneAt == nil && matches(change.kind) {
            for attempt in 1...attemptsMax {
                do {
                    let doing = "undo \(change.kind)"
                    let tables = try context.journal.tables().map(\.table.name)
                    try OwnTransaction(context: context, side: side).run(
                        connection, locking: tables, doing: doing
                    ) {
                        try connection.execute(change.undo, doing: doing)
                    }
                    break
                } catch let error as PostgresError {
                    // 55006: the slot's connection has not ended yet. 42704: an earlier attempt of ours has just dropped it, and
                    // the next one finds nothing to do.
                    guard ["55006", "42704"].contains(error.sqlState), attempt < attemptsMax else {
                        throw error
                    }
                    if attempt >= Self.attemptsBeforeStop, context.stop.isRequested { throw error }
                    usleep(200_000)
                }
            }
            try context.update { record, transaction in
                for index in record.changes.indices
                where record.changes[index].side == side && record.changes[index].kind == change.kind
                    && record.changes[index].undoneAt == nil
                { record.changes[index].undoneAt = secondsNow() }
                try transaction.log(.info, "changes", "undone on \(side.rawValue): \(change.kind)")
            }
        }
    }
}
