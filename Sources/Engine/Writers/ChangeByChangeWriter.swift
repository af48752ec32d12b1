import Foundation
import Postgres
import Records

/// Everything through this position is to be applied change by change: one of the changes cannot be applied.
struct GoCarefully: Error {
    let through: LSN
    /// The commit of the transaction there was refused, which went change by change: a constraint is checked there, and not
    /// at the change that breaks it.
    var isAtCommit = false
}

/// How far the apply goes change by change. A value: failures come in, and the end of the stretch comes out.
struct CarefulStretch {
    private(set) var through = LSN.zero
    /// The transaction whose changes are to be checked at once, because its commit was refused.
    private(set) var checkedAtOnce: LSN?
    private var window = LSN.zero
    private var failures = 0

    /// After so many failures within what was one window the whole of it is taken change by change: each failure costs a
    /// new connection and what was applied row by row.
    static let failuresMax = 3

    /// A change of the transaction that commits at `lsn` has failed, in a stretch of rows that goes through `window`.
    mutating func extend(_ need: GoCarefully, window: LSN) {
        let lsn = need.through
        if need.isAtCommit { checkedAtOnce = lsn }
        if window != self.window {
            self.window = window
            failures = 0
        }
        failures += 1
        through = max(through, failures >= Self.failuresMax ? max(lsn, window) : lsn)
    }
}

/// One change at a time, each behind a savepoint and seen through before the next: the one that cannot be applied is known
/// with its row's key and its reason, and can be left out.
///
/// Exactly once: the row of a change that is set aside goes into the destination in the transaction that carries the
/// changes beside it and the watermark.
final class ChangeByChangeWriter: ChangeWriter {
    let applier: ChangeApplier
    let sieve: ChangeSieve?
    private let ledger: IncidentLedger
    /// The number of the change that is taken next among those of its transaction, from 1 on.
    var changeNumber = 0
    private let checkedAtOnce: LSN?
    /// The transaction that was taken last.
    private var transaction = LSN.zero
    /// Set aside in this leg so far, by what is committed or will be with this transaction.
    private var stashed: Int

    /// - Parameters:
    ///   - stashed: how many changes of this leg were set aside before
    ///   - checkedAtOnce: the transaction whose constraints are not put off until its commit
    init(
        _ applier: ChangeApplier, sieve: ChangeSieve?, ledger: IncidentLedger, stashed: Int,
        checkedAtOnce: LSN?
    ) {
        self.applier = applier
        self.sieve = sieve
        self.ledger = ledger
        self.stashed = stashed
        self.checkedAtOnce = checkedAtOnce
    }

    func take(_ message: RawSpan, in lsn: LSN) throws {
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
                commitLSN: lsn, change: changeNumber, sqlState: failure.sqlState,
                constraint: failure.constraint,
                reason: failure.wordsForIncident, at: secondsNow(), handling: .stopped)
            incident.handling = try ledger.rules().handling(after: stashed)
            guard incident.handling == .stashed else {
                try ledger.keepStop(incident)
                throw try ledger.stop(for: failure, after: stashed)
            }
            try applier.rollBackToSavepoint(counts: counts, commitLSN: lsn)
            try applier.stash(
                leg: ledger.leg.number,
                StashedChange(
                    commitLSN: lsn, change: changeNumber,
                    incidentJSON: String(decoding: try JSONEncoder().encode(incident), as: UTF8.self),
                    statementSQL: what.sql))
            stashed += 1
        }
    }

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        let counts = applier.counts
        do { try applier.commit(through: lsn) } catch let failure as ChangeFailure {
            guard failure.isIncident, lsn != checkedAtOnce else { throw failure.asStop }
            throw GoCarefully(through: lsn, isAtCommit: true)
        }
        return [AppliedWindow(lsn: lsn, counts: counts)]
    }
}

extension ChangeFailure {
    /// The reason as it is kept. What a trigger says may hold values of the row.
    var wordsForIncident: String {
        sqlState == "P0001" ? "a trigger of the destination raised an exception [SQLSTATE P0001]" : reason
    }
}
