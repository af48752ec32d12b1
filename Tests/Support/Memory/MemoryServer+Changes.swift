import Foundation
import Records

extension MemoryServer.State {
    /// Bits of a position that are its rank.
    static let rankBits: UInt64 = 12

    var lastPosition: LogPosition { log.last?.position ?? LogPosition(number: commit << Self.rankBits) }

    /// The first position at which a transaction that has not committed yet can commit.
    var nextPosition: LogPosition { LogPosition(number: (commit + 1) << Self.rankBits) }

    /// Makes the changes, and appends them to the log as one transaction.
    mutating func append(_ changes: [MemoryChange], atSamePosition: Bool = false) throws {
        var changed = tables
        for change in changes { try Self.make(change, in: &changed) }
        tables = changed
        let isSame = atSamePosition && !log.isEmpty
        if !isSame { commit += 1 }
        transactions += 1
        log.append(
            MemoryTransaction(
                position: isSame
                    ? LogPosition(number: lastPosition.number + 1)
                    : LogPosition(number: commit << Self.rankBits),
                number: transactions, changes: changes,
                microseconds: Int64((Date().timeIntervalSince1970 - 946_684_800) * 1_000_000)))
    }

    /// Makes changes that came from another database. They are in the log as well, for this server's readers.
    mutating func apply(_ changes: [MemoryChange]) throws {
        // A stream of this server's own changes leaves them out, as a slot with an origin filter does.
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
