import Engine
import Foundation
import Postgres
import Records

extension DatabaseChanges {
    /// Attempts to drop a busy slot, five per second; they are made even after a stop was requested.
    private static let attemptsBeforeStop = 75
    /// YugabyteDB reports a slot as active for a while after it was last read
    /// (ysql_cdc_active_replication_slot_window_ms: a minute; five by another page of its manual).
    private static let attemptsOnYugabyteDB = 1800
    private static let retryMicroseconds: UInt32 = 200_000
    /// 55006: the slot's connection has not ended yet. 42704: an earlier attempt of ours has just dropped it,
    /// and the next one finds nothing to do.
    private static let retriedStates: Set<String> = ["55006", "42704"]

    /// Undoes the recorded changes of a side for which `matches` is true, newest first. Waits for a slot that
    /// is in use.
    func undo(
        _ side: Side, on connection: borrowing PostgresConnection,
        matching matches: (RecordedChange.Kind) -> Bool
    ) throws {
        let attemptsMax = try connection.isYugabyteDB() ? Self.attemptsOnYugabyteDB : Self.attemptsBeforeStop
        for change in try left(side, matching: matches) {
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
                } catch let error as PostgresError
                    where change.kind.isUnfinishedForeignKey && error.sqlState == PostgresSide.violatedState
                {
                    report(change, violatedBy: error)
                    break
                } catch let error as PostgresError {
                    guard Self.retriedStates.contains(error.sqlState), attempt < attemptsMax else {
                        throw error
                    }
                    if attempt >= Self.attemptsBeforeStop, context.stop.isRequested { throw error }
                    usleep(Self.retryMicroseconds)
                }
            }
            try noteUndone(change)
        }
    }
}
