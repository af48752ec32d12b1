import Engine
import Foundation
import Postgres
import Records

/// The writer that applies change by change, each behind a savepoint and settled before the next. So the
/// change that cannot be applied is known, with its row's key and its reason, and can be stashed.
///
/// Exactly once: a stashed change is written to the destination in the transaction that carries the changes
/// around it and the watermark.
final class ChangeByChangeWriter: ChangeWriter {
    let applier: ChangeApplier
    let filter: ChangeFilter?
    private let ledger: IncidentLedger
    private let checkedAtOnce: LSN?
    /// The transaction whose change was taken last.
    private var transaction = LSN.zero
    /// Changes of this leg that are stashed, with those of the open transaction.
    private var stashed: Int

    /// - Parameters:
    ///   - stashed: how many changes of this leg were stashed before
    ///   - checkedAtOnce: the transaction whose constraints are not deferred to its commit
    init(
        _ applier: ChangeApplier, filter: ChangeFilter?, ledger: IncidentLedger, stashed: Int,
        checkedAtOnce: LSN?
    ) {
        self.applier = applier
        self.filter = filter
        self.ledger = ledger
        self.stashed = stashed
        self.checkedAtOnce = checkedAtOnce
    }

    var foldableChanges: Int? { nil }

    func take(_ message: RawSpan, in lsn: LSN, number: Int) throws {
        guard let (change, share) = try left(of: message, in: lsn) else { return }
        let counts = applier.counts
        if lsn != transaction, lsn == checkedAtOnce { try applier.checkAtOnce() }
        transaction = lsn
        do {
            try applier.setSavepoint()
            try applier.apply(change, share, bytes: message, commitLSN: lsn)
            try applier.settle(commitLSN: lsn)
        } catch let failure as ChangeFailure {
            if let doesNotFit = failure.doesNotFit { throw doesNotFit }
            guard failure.isIncident, let table = try applier.table(of: change),
                let what = table.description(of: change, share, message)
            else { throw failure.asStop }
            var incident = Incident(
                leg: ledger.leg.number, direction: ledger.leg.direction,
                table: table.relation.name, operation: what.operation, key: what.key,
                commitLSN: lsn, change: number, sqlState: failure.sqlState,
                constraint: failure.constraint,
                reason: failure.wordsForIncident, at: secondsNow(), handling: .stopped)
            incident.handling = try ledger.rules().handling(after: stashed)
            guard incident.handling == .stashed else {
                try ledger.keepStop(incident)
                throw try ledger.stop(
                    at: failure.commitLSN, of: failure.tables, reason: failure.wordsForIncident,
                    after: stashed)
            }
            try applier.rollBackToSavepoint(counts: counts, commitLSN: lsn)
            try applier.stash(
                StashedChange(
                    commitLSN: lsn, number: number,
                    incidentJSON: String(decoding: try JSONEncoder().encode(incident), as: UTF8.self),
                    statementSQL: what.sql), leg: ledger.leg.number)
            stashed += 1
        }
    }

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        let counts = applier.counts
        do { try applier.commit(through: lsn) } catch let failure as ChangeFailure {
            guard failure.isIncident, lsn != checkedAtOnce else { throw failure.asStop }
            throw ApplyInterruption.commitRefused(at: lsn)
        }
        return [AppliedWindow(lsn: lsn, counts: counts)]
    }
}

extension ChangeFailure {
    /// The reason as the journal records it. A trigger's own message may contain values of the row.
    var wordsForIncident: String {
        sqlState == "P0001" ? "a trigger of the destination raised an exception [SQLSTATE P0001]" : reason
    }
}
