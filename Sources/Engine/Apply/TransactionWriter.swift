import Postgres
import Records

/// Writes the changes of source transactions to the destination, in their order.
///
/// Contract: changes are taken in the order of the log; `commit` makes everything taken before it one transaction with
/// the watermark, or part of a later one, never of an earlier; what it returns is committed for certain. After any thrown
/// error nothing more may be asked of it, and the watermark in the database says what holds.
protocol TransactionWriter: AnyObject {
    /// What is taken and not yet sent for commit.
    var pendingChanges: Int { get }
    var pendingBytes: Int { get }
    /// Nothing that was sent for commit waits for its answer.
    var isSettled: Bool { get }
    /// The sockets on which answers are awaited, and what for (`poll`'s event bits).
    var awaited: [(socket: Int32, events: Int16)] { get }

    /// A relation as the log announces it, within the transaction that commits at `lsn`.
    func announce(_ relation: RelationMessage, in lsn: LSN) throws
    /// Takes an insert, update, delete or truncate of the transaction that commits at `lsn`.
    func take(_ message: RawSpan, in lsn: LSN) throws
    /// Sends what was taken of a transaction that goes on, without committing it.
    func writePart(of lsn: LSN) throws
    func commit(through lsn: LSN) throws -> [AppliedWindow]
    /// Looks for answers, and with `wait` waits for all of them.
    func settle(wait: Bool) throws -> [AppliedWindow]
}

/// Everything through this position is to be applied row by row: it cannot be folded, or was refused when it was.
struct GoRowByRow: Error {
    let through: LSN
    let reason: String
    /// A change of it cannot be folded; the next ones of its kind will not fold either.
    let isUnfoldable: Bool
    /// The table whose unique values moved between rows.
    let table: String?
}

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
        guard let sieve, case .truncate(let relations, let cascade, let restarts) = change else {
            return (change, share)
        }
        let left = sieve.left(relations, in: lsn)
        guard !left.isEmpty else { return nil }
        return (.truncate(relations: left, cascade: cascade, restartIdentity: restarts), share)
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

/// Folded windows by statements on arrays, in one lane or over all that are not level.
final class WindowWriter: TransactionWriter {
    private let applier: WindowApplier
    private let destinations: [QualifiedName: Table]
    private let sieve: ChangeSieve?
    private var relations: [UInt32: RelationMessage] = [:]

    init(_ applier: WindowApplier, destinations: [QualifiedName: Table], sieve: ChangeSieve?) {
        self.applier = applier
        self.destinations = destinations
        self.sieve = sieve
    }

    var pendingChanges: Int { applier.window.changes }
    var pendingBytes: Int { applier.window.bytes }
    var isSettled: Bool { !applier.isUnderWay }
    var awaited: [(socket: Int32, events: Int16)] { applier.awaited.map { [$0] } ?? [] }

    func announce(_ relation: RelationMessage, in lsn: LSN) throws {
        if relations[relation.id] == relation { return }
        sieve?.announce(relation)
        if sieve?.holds(relation.id) == true { return }
        let table = try WindowTable(relation, destinations)
        // Rows of the table as it was are written as it was.
        if relations[relation.id] != nil, !applier.window.isEmpty { try writePart(of: lsn) }
        try applier.register(relation.id, table)
        relations[relation.id] = relation
    }

    func take(_ message: RawSpan, in lsn: LSN) throws {
        let taken: ChangeWindow.Taken
        if let sieve {
            switch try sieve.share(message, in: lsn) {
            case .none: return
            case .all:
                if try isPassed(message, by: sieve, in: lsn) { return }
                taken = try applier.window.take(message)
            case .departure: taken = try applier.window.takeDeparture(message)
            case .arrival: taken = try applier.window.takeArrival(message)
            }
        } else {
            taken = try applier.window.take(message)
        }
        guard taken == .folded else {
            throw GoRowByRow(through: lsn, reason: "it does not fold", isUnfoldable: true, table: nil)
        }
    }

    /// Whether it is a truncate of which nothing is left to do.
    private func isPassed(_ message: RawSpan, by sieve: ChangeSieve, in lsn: LSN) throws -> Bool {
        var cursor = MessageCursor()
        guard try cursor.byte(in: message) == UInt8(ascii: "T"),
            case .truncate(let relations, _, _) = try ChangeMessage.decode(message)
        else { return false }
        return sieve.left(relations, in: lsn).isEmpty
    }

    func writePart(of lsn: LSN) throws { try guarded { try applier.writePart(of: lsn) } }

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        try guarded { try applier.write(through: lsn) }
    }

    func settle(wait: Bool) throws -> [AppliedWindow] {
        try guarded { try applier.settle(leaving: wait ? 0 : WindowApplier.underWayMax) }
    }

    private func guarded<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let failure as WindowFailure { throw GoRowByRow(failure) }
    }
}

extension GoRowByRow {
    init(_ failure: WindowFailure) {
        self.init(
            through: failure.through, reason: "\(failure.error)", isUnfoldable: false,
            table: failure.error.sqlState == "23505" ? failure.error.table : nil)
    }
}

extension WindowTable {
    /// A relation as the log announces it, matched with the destination.
    init(_ relation: RelationMessage, _ destinations: [QualifiedName: Table]) throws {
        guard let destination = destinations[relation.name] else {
            throw RequestRefused(
                "the origin sends changes of \(relation.name), which the destination does not have; create the table there, "
                    + "then start again: nothing is lost meanwhile")
        }
        let table = try AppliedTable(relation: relation, destination: destination)
        let known = Dictionary(
            destination.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.init(
            insertTarget: destination.name.quoted, rowsTarget: destination.rowsOnly,
            label: relation.name.description, columns: relation.columns.compactMap { known[$0.name] },
            keyIndexes: table.keyIndexes, alwaysIndexes: table.alwaysIndexes)
    }
}
