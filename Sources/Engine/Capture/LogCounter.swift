import Postgres
import Records

/// Counts what a leg's segment log holds: the last commit, and the changes by table. The same value counts when the
/// capture appends and when a recovery reads, so that totals are exact after any crash. It decides nothing and does
/// no I/O.
package struct LogCounter: Sendable {
    package private(set) var lastCommitLSN: LSN
    /// Transactions with at least one change.
    package private(set) var transactions: Int64
    /// Complete transactions only.
    package private(set) var counts: [String: ChangeCounts]
    package private(set) var openCounts: [String: ChangeCounts] = [:]
    package private(set) var total: ChangeCounts
    private var relations: [UInt32: String] = [:]
    private var openHasChanges = false

    package init(
        lastCommitLSN: LSN, transactions: Int64, counts: [String: ChangeCounts],
        openCounts: [String: ChangeCounts] = [:]
    ) {
        self.lastCommitLSN = lastCommitLSN
        self.transactions = transactions
        self.counts = counts
        self.openCounts = openCounts
        openHasChanges = !openCounts.isEmpty
        total = counts.values.reduce(.zero, +)
    }

    /// Follows one message that is in the log.
    package mutating func follow(_ message: RawSpan) throws {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case UInt8(ascii: "B"): discardOpenTransaction()
        case UInt8(ascii: "R"):
            if case .relation(let relation) = try ChangeMessage.decode(message) {
                relations[relation.id] = relation.name.description
            }
        case UInt8(ascii: "I"): count(try cursor.uint32(in: message), ChangeCounts(inserts: 1))
        case UInt8(ascii: "U"): count(try cursor.uint32(in: message), ChangeCounts(updates: 1))
        case UInt8(ascii: "D"): count(try cursor.uint32(in: message), ChangeCounts(deletes: 1))
        case UInt8(ascii: "T"): openHasChanges = true
        case UInt8(ascii: "C"):
            _ = try cursor.byte(in: message)
            commit(LSN(bytes: try cursor.uint64(in: message)))
        default: break
        }
    }

    private mutating func count(_ relation: UInt32, _ change: ChangeCounts) {
        openHasChanges = true
        openCounts[relations[relation] ?? "unknown", default: .zero] += change
    }

    private mutating func commit(_ lsn: LSN) {
        precondition(lsn >= lastCommitLSN, "commits are logged in the order of their positions")
        lastCommitLSN = lsn
        if openHasChanges { transactions += 1 }
        for (table, change) in openCounts {
            counts[table, default: .zero] += change
            total += change
        }
        discardOpenTransaction()
    }

    /// Forgets the transaction that has no commit; the server sends it again, whole.
    package mutating func discardOpenTransaction() {
        openCounts = [:]
        openHasChanges = false
    }
}
