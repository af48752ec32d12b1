import Postgres
import Records

/// A writer that sends each change as it takes it, in one transaction at a time: nothing of it is ever under way.
protocol ChangeWriter: TransactionWriter {
    var applier: ChangeApplier { get }
    var sieve: ChangeSieve? { get }
}

extension ChangeWriter {
    var pendingChanges: Int { applier.pendingChanges }
    var pendingBytes: Int { applier.pendingBytes }
    var isSettled: Bool { true }
    var awaited: [(socket: Int32, events: Int16)] { [] }

    func announce(_ relation: RelationMessage, in lsn: LSN) throws {
        sieve?.announce(relation)
        if sieve?.holds(relation.id) != true { try applier.announce(relation) }
    }

    /// A change with the part of it that is left to do; nil where nothing is.
    func left(of message: RawSpan, in lsn: LSN) throws -> (
        change: ChangeMessage, share: ChangeSieve.Share
    )? {
        let share = try sieve?.share(message, in: lsn) ?? .all
        guard share != .none else { return nil }
        let change = try ChangeMessage.decode(message)
        guard let sieve, case .truncate(let relations, let options) = change else { return (change, share) }
        let left = sieve.left(relations, in: lsn)
        guard !left.isEmpty else { return nil }
        let isWhole = left.count == relations.count
        return (.truncate(relations: left, isWhole ? options : options.union(.isPartial)), share)
    }

    func writePart(of lsn: LSN) throws {}

    func settle(wait: Bool) throws -> [AppliedWindow] { [] }
}

/// One statement a row, many of them under way; where one is refused, the transactions through it are to be applied
/// change by change.
final class RowWriter: ChangeWriter {
    let applier: ChangeApplier
    let sieve: ChangeSieve?
    /// Changes taken since the last one that windows could not fold.
    private(set) var foldableChanges = 0

    init(_ applier: ChangeApplier, sieve: ChangeSieve?) {
        self.applier = applier
        self.sieve = sieve
    }

    func take(_ message: RawSpan, in lsn: LSN) throws {
        guard let (change, share) = try left(of: message, in: lsn) else { return }
        foldableChanges = isFoldable(change) ? foldableChanges + 1 : 0
        try guarded { try applier.apply(change, share, bytes: message, commitLSN: lsn) }
    }

    private func guarded(_ body: () throws -> Void) throws {
        do { try body() } catch let failure as ChangeFailure {
            if let doesNotFit = failure.doesNotFit { throw doesNotFit }
            guard failure.isIncident else { throw failure.asStop }
            throw GoCarefully(through: failure.commitLSN)
        }
    }

    private func isFoldable(_ change: ChangeMessage) -> Bool {
        switch change {
        case .truncate: false
        case .delete(let relation, _, _): !applier.isKeyless(relation)
        case .update(let relation, let old, _, let new):
            !applier.isKeyless(relation) && (old == nil || !new.contains(.unchanged))
        case .insert, .begin, .commit, .origin, .relation, .type, .message: true
        }
    }

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        let counts = applier.counts
        try guarded { try applier.commit(through: lsn) }
        return [AppliedWindow(lsn: lsn, counts: counts)]
    }
}
