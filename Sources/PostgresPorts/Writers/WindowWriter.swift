import Engine
import Postgres
import Records

/// The writer of folded windows, in one channel or over all channels that are not level.
final class WindowWriter: TransactionWriter {
    private let applier: WindowApplier
    private let window: ChangeWindow
    private let destinations: [QualifiedName: DestinationTable]
    private let filter: ChangeFilter?
    private var relations: [UInt32: RelationMessage] = [:]

    init(_ applier: WindowApplier, destinations: [QualifiedName: DestinationTable], filter: ChangeFilter?) {
        self.applier = applier
        window = applier.window
        self.destinations = destinations
        self.filter = filter
    }

    var pendingChanges: Int { window.changes }
    var pendingBytes: Int { window.bytes }
    var isSettled: Bool { !applier.isUnderWay }
    var awaited: [(socket: Int32, events: Int16)] { applier.awaited.map { [$0] } ?? [] }

    func announce(_ relation: RelationMessage, in lsn: LSN) throws {
        if relations[relation.id] == relation { return }
        filter?.announce(relation)
        if filter?.passesOver(relation.id) == true { return }
        let table = try WindowTable(relation, destinations)
        // The changes of the table as it was are written with the columns of then.
        if relations[relation.id] != nil, !window.isEmpty { try writePart(of: lsn) }
        try applier.register(relation.id, table)
        relations[relation.id] = relation
    }

    func take(_ message: RawSpan, in lsn: LSN, number: Int) throws {
        let taken: ChangeWindow.Taken
        if let filter {
            switch try filter.share(message, in: lsn) {
            case .none: return
            case .all:
                if try isPassed(message, by: filter, in: lsn) { return }
                taken = try window.take(message)
            case .departure: taken = try window.takeDeparture(message)
            case .arrival: taken = try window.takeArrival(message)
            }
        } else {
            taken = try window.take(message)
        }
        guard taken == .folded else {
            throw ApplyInterruption.unfoldable(through: lsn)
        }
    }

    /// Returns whether the message is a truncate of which nothing is left to apply.
    private func isPassed(_ message: RawSpan, by filter: ChangeFilter, in lsn: LSN) throws -> Bool {
        var cursor = MessageCursor()
        guard try cursor.byte(in: message) == MessageKind.truncate,
            case .truncate(let relations, _) = try ChangeMessage.decode(message)
        else { return false }
        return filter.left(relations, in: lsn).isEmpty
    }

    var foldableChanges: Int? { nil }

    func writePart(of lsn: LSN) throws { try guarded { try applier.writePart(of: lsn) } }

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        try guarded { try applier.write(through: lsn) }
    }

    func settle(wait: Bool) throws -> [AppliedWindow] {
        try guarded { try applier.settle(leaving: wait ? 0 : WindowApplier.underWayMax) }
    }

    private func guarded<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let failure as WindowFailure { throw ApplyInterruption(failure) }
    }
}

extension WindowTable {
    /// Matches a relation of the log with the destination's tables.
    init(_ relation: RelationMessage, _ destinations: [QualifiedName: DestinationTable]) throws {
        let table = try AppliedTable(relation, among: destinations)
        self.init(
            insertTarget: table.destination.name.quoted, rowsTarget: table.destination.rowsOnly,
            label: relation.name, columns: table.columns, keyIndexes: table.keyIndexes,
            keyComparisons: table.keyComparisons, alwaysIndexes: table.alwaysIndexes,
            isKeyUnique: table.isKeyUnique,
            comparesOldRows: relation.identity == .full, hasOwnColumns: table.hasOwnColumns)
    }
}
