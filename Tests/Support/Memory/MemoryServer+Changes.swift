import Foundation
import Records

extension MemoryServer.State {
    static let form = PositionForm(rankBits: 12)

    var lastPosition: LogPosition { log.last?.position ?? .zero }
    /// The end of the log. The next transaction may commit exactly there.
    var end: LogPosition { log.isEmpty ? .zero : LogPosition(number: lastPosition.number + 1) }

    /// Returns the first position at which a transaction that has not committed yet can commit. No
    /// transaction shares the last one's commit position any more.
    mutating func endPosition() throws -> LogPosition {
        isShareable = false
        return try Self.form.position(commit: commit + 1)
    }

    /// Makes the changes, and appends them to the log as one transaction.
    mutating func append(_ changes: [MemoryChange], atSamePosition: Bool = false) throws {
        var changed = tables
        for change in changes { try Self.make(change, in: &changed) }
        tables = changed
        let isSame = atSamePosition && isShareable
        isShareable = true
        if !isSame { commit += 1 }
        let position = try Self.form.position(
            commit: commit, rank: isSame ? Self.form.rank(of: lastPosition) + 1 : 0)
        transactions += 1
        log.append(
            MemoryTransaction(
                position: position, number: transactions, changes: changes,
                microseconds: Int64((Date().timeIntervalSince1970 - 946_684_800) * 1_000_000)))
    }

    /// Makes changes that came from another database. No stream of this server sends them.
    mutating func apply(_ changes: [MemoryChange]) throws {
        var changed = tables
        for change in changes { try Self.make(change, in: &changed) }
        tables = changed
    }

    private static func make(_ change: MemoryChange, in tables: inout [QualifiedName: MemoryTable]) throws {
        guard let name = change.table else { return }
        guard tables[name] != nil else { throw MemoryError.refused("there is no table \(name)") }
        switch change {
        case .insert(_, let row): try tables[name]?.insert(row)
        case .update(_, let key, let row): try tables[name]?.update(key, to: row)
        case .delete(_, let key): _ = try tables[name]?.delete(key)
        case .truncate: tables[name]?.clear()
        case .message: break
        }
    }

    /// Takes a planned fault that fits, once.
    mutating func take(_ isMeant: (MemoryServer.Fault) -> Bool) -> MemoryServer.Fault? {
        guard let index = faults.firstIndex(where: isMeant) else { return nil }
        return faults.remove(at: index)
    }
}
