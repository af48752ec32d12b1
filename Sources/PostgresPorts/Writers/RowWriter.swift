import Engine
import Postgres
import Records

/// A writer that sends each change as it takes it, in one transaction at a time. After a commit nothing is
/// under way.
protocol ChangeWriter: TransactionWriter {
    var applier: ChangeApplier { get }
    var filter: ChangeFilter? { get }
}

extension ChangeWriter {
    var pendingChanges: Int { applier.pendingChanges }
    var pendingBytes: Int { applier.pendingBytes }
    var isSettled: Bool { true }
    var awaited: [(socket: Int32, events: Int16)] { [] }

    func announce(_ relation: RelationMessage, in lsn: LSN) throws {
        filter?.announce(relation)
        if filter?.passesOver(relation.id) != true { try applier.announce(relation) }
    }

    /// Returns a change with the part of it that is left to apply; nil if nothing is left.
    func left(of message: RawSpan, in lsn: LSN) throws -> (
        change: ChangeMessage, share: ChangeFilter.Share
    )? {
        let share = try filter?.share(message, in: lsn) ?? .all
        guard share != .none else { return nil }
        let change = try ChangeMessage.decode(message)
        guard let filter, case .truncate(let relations, let options) = change else { return (change, share) }
        let left = filter.left(relations, in: lsn)
        guard !left.isEmpty else { return nil }
        let isWhole = left.count == relations.count
        return (.truncate(relations: left, isWhole ? options : options.union(.isPartial)), share)
    }

    func writePart(of lsn: LSN) throws {}

    func settle(wait: Bool) throws -> [AppliedWindow] { [] }
}

/// The writer that applies row by row: one statement for each change, many of them under way. If one is
/// refused, the transactions through it have to be applied change by change.
final class RowWriter: ChangeWriter {
    let applier: ChangeApplier
    let filter: ChangeFilter?
    private var changesSinceUnfoldable = 0

    init(_ applier: ChangeApplier, filter: ChangeFilter?) {
        self.applier = applier
        self.filter = filter
    }

    var foldableChanges: Int? { changesSinceUnfoldable }

    func take(_ message: RawSpan, in lsn: LSN, number: Int) throws {
        guard let (change, share) = try left(of: message, in: lsn) else { return }
        changesSinceUnfoldable = isFoldable(change) ? changesSinceUnfoldable + 1 : 0
        try guarded { try applier.apply(change, share, bytes: message, commitLSN: lsn) }
    }

    private func guarded(_ body: () throws -> Void) throws {
        do { try body() } catch let failure as ChangeFailure {
            if let doesNotFit = failure.doesNotFit { throw doesNotFit }
            guard failure.isIncident else { throw failure.asStop }
            throw ApplyInterruption.changeRefused(through: failure.commitLSN)
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
