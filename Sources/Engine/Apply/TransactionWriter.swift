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

    /// A relation as the log announces it, within the transaction that commits at `lsn`.
    func announce(_ relation: RelationMessage, in lsn: LSN) throws
    /// Takes an insert, update, delete or truncate of the transaction that commits at `lsn`; `number` counts the changes of
    /// that transaction from 1 on.
    func take(_ message: RawSpan, in lsn: LSN, number: Int) throws
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
    /// The table whose unique values moved between rows.
    let table: String?
}

/// One statement a row, many of them under way; where one is refused, the transactions through it are to be applied
/// change by change.
final class RowWriter: TransactionWriter {
    private let applier: ChangeApplier

    init(_ applier: ChangeApplier) { self.applier = applier }

    var pendingChanges: Int { applier.pendingChanges }
    var pendingBytes: Int { applier.pendingBytes }
    var isSettled: Bool { true }

    func announce(_ relation: RelationMessage, in lsn: LSN) throws { try applier.announce(relation) }

    func take(_ message: RawSpan, in lsn: LSN, number: Int) throws {
        try guarded { try applier.apply(try ChangeMessage.decode(message), bytes: message, commitLSN: lsn) }
    }

    /// It sends as it takes.
    func writePart(of lsn: LSN) throws {}

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        let counts = applier.counts
        try guarded { try applier.commit(through: lsn) }
        return [AppliedWindow(lsn: lsn, counts: counts)]
    }

    func settle(wait: Bool) throws -> [AppliedWindow] { [] }

    private func guarded(_ body: () throws -> Void) throws {
        do { try body() } catch let failure as ChangeFailure {
            guard failure.isIncident else { throw failure.asStop }
            throw GoCarefully(through: failure.commitLSN)
        }
    }
}

/// Folded windows by statements on arrays.
final class WindowWriter: TransactionWriter {
    private let applier: WindowApplier
    private let destinations: [QualifiedName: Table]
    private var relations: [UInt32: RelationMessage] = [:]

    init(_ applier: WindowApplier, destinations: [QualifiedName: Table]) {
        self.applier = applier
        self.destinations = destinations
    }

    var pendingChanges: Int { applier.window.changes }
    var pendingBytes: Int { applier.window.bytes }
    var isSettled: Bool { !applier.isUnderWay }

    func announce(_ relation: RelationMessage, in lsn: LSN) throws {
        if relations[relation.id] == relation { return }
        guard let destination = destinations[relation.name] else {
            throw RequestRefused(
                "the origin sends changes of \(relation.name), which the destination does not have; create the table there, "
                    + "then start again: nothing is lost meanwhile")
        }
        let table = try AppliedTable(relation: relation, destination: destination)
        // Rows of the table as it was are written as it was.
        if !applier.window.isEmpty { try writePart(of: lsn) }
        let known = Dictionary(
            destination.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        applier.register(
            relation.id,
            WindowTable(
                insertTarget: destination.name.quoted, rowsTarget: destination.rowsOnly,
                label: relation.name.description, columns: relation.columns.compactMap { known[$0.name] },
                keyIndexes: table.keyIndexes, alwaysIndexes: table.alwaysIndexes))
        relations[relation.id] = relation
    }

    func take(_ message: RawSpan, in lsn: LSN, number: Int) throws {
        guard try applier.window.take(message) == .folded else {
            throw GoRowByRow(through: lsn, reason: "it does not fold", table: nil)
        }
    }

    func writePart(of lsn: LSN) throws { try guarded { try applier.writePart(of: lsn) } }

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        try guarded { try applier.write(through: lsn) }
    }

    func settle(wait: Bool) throws -> [AppliedWindow] {
        try guarded { try applier.settle(leaving: wait ? 0 : WindowApplier.underWayMax) }
    }

    private func guarded<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let failure as WindowFailure {
            throw GoRowByRow(
                through: failure.through, reason: "\(failure.error)",
                table: failure.error.sqlState == "23505" ? failure.error.table : nil)
        }
    }
}
