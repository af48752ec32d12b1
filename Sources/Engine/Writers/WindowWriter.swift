import Postgres
import Records

/// Folded windows by statements on arrays, in one channel or over all that are not level.
final class WindowWriter: TransactionWriter {
    private let applier: WindowApplier
    private let window: ChangeWindow
    private let destinations: [QualifiedName: DestinationTable]
    private let sieve: ChangeSieve?
    private var relations: [UInt32: RelationMessage] = [:]

    init(_ applier: WindowApplier, destinations: [QualifiedName: DestinationTable], sieve: ChangeSieve?) {
        self.applier = applier
        window = applier.window
        self.destinations = destinations
        self.sieve = sieve
    }

    var pendingChanges: Int { window.changes }
    var pendingBytes: Int { window.bytes }
    var isSettled: Bool { !applier.isUnderWay }
    var awaited: [(socket: Int32, events: Int16)] { applier.awaited.map { [$0] } ?? [] }

    func announce(_ relation: RelationMessage, in lsn: LSN) throws {
        if relations[relation.id] == relation { return }
        sieve?.announce(relation)
        if sieve?.holds(relation.id) == true { return }
        let table = try WindowTable(relation, destinations)
        // Rows of the table as it was are written as it was.
        if relations[relation.id] != nil, !window.isEmpty { try writePart(of: lsn) }
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
                taken = try window.take(message)
            case .departure: taken = try window.takeDeparture(message)
            case .arrival: taken = try window.takeArrival(message)
            }
        } else {
            taken = try window.take(message)
        }
        guard taken == .folded else {
            throw GoRowByRow(through: lsn, reason: "it does not fold", isUnfoldable: true, table: nil)
        }
    }

    /// Whether it is a truncate of which nothing is left to do.
    private func isPassed(_ message: RawSpan, by sieve: ChangeSieve, in lsn: LSN) throws -> Bool {
        var cursor = MessageCursor()
        guard try cursor.byte(in: message) == MessageKind.truncate,
            case .truncate(let relations, _) = try ChangeMessage.decode(message)
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
    init(_ relation: RelationMessage, _ destinations: [QualifiedName: DestinationTable]) throws {
        guard let destination = destinations[relation.name] else {
            throw RequestRefused(
                "the origin sends changes of \(relation.name), which the destination does not have; create the table there, "
                    + "then start again: nothing is lost meanwhile")
        }
        let table = try AppliedTable(relation: relation, destination: destination)
        self.init(
            insertTarget: table.destination.name.quoted, rowsTarget: table.destination.rowsOnly,
            label: relation.name, columns: table.columns, keyIndexes: table.keyIndexes,
            keyComparisons: table.keyComparisons, alwaysIndexes: table.alwaysIndexes,
            isKeyUnique: table.isKeyUnique,
            comparesOldRows: relation.identity == .full, hasOwnColumns: table.hasOwnColumns)
    }
}
