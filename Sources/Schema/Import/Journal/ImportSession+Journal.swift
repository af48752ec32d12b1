import Glibc
import Postgres

/// What an import that was cut off has left in the journal, and in the database.
extension ImportSession {
    /// The time that the server has to end a transaction whose session is gone.
    private static var settleSecondsMax: Int { 30 }
    private static var settlePollMicroseconds: UInt32 { 100_000 }

    /// Asks the server what became of each open transaction, and forgets statements whose effect is gone.
    func settleJournal(_ scripts: [SchemaScript], line: (String) -> Void) throws(SchemaError) {
        do {
            let present = journal.isContinued ? try PresentObjects(connection) : nil
            var committed: [ImportJournal.Open] = []
            var aborted: [StatementKey] = []
            for transaction in journal.open {
                guard let number = transaction.transaction else { continue }
                switch try fate(of: number) {
                case "committed": committed.append(transaction)
                case "aborted": aborted += transaction.keys
                // The server does not know it any more; each statement is then decided by what exists.
                default: break
                }
            }
            try journal.settle(committed)
            try journal.forget(aborted)
            guard let present else { return }
            let applied = scripts.flatMap(\.objects).flatMap(\.statements).filter { statement in
                statement.key.map { journal.applied.contains($0) } ?? false
            }
            let gone = applied.filter { !present.hasEffect(of: $0) }
            guard !gone.isEmpty else { return }
            // What went with it, such as a comment or a default, is set again.
            let repeated = applied.filter(\.mayBeRepeated)
            line("\(gone.count) statements are run again, because what they made was dropped.")
            try journal.forget((gone + repeated).compactMap(\.key))
        } catch let error as PostgresError {
            throw .server(error)
        } catch let error as SchemaError {
            throw error
        } catch {
            throw .file(path: "the journal", doing: "settle", reason: "\(error)")
        }
    }

    /// Returns what became of a transaction, once it has ended.
    private func fate(of number: String) throws(PostgresError) -> String {
        let pauses = Self.settleSecondsMax * 1_000_000 / Int(Self.settlePollMicroseconds)
        for _ in 0..<pauses {
            let state: String
            do {
                state =
                    try connection.query(
                        "select coalesce(pg_catalog.pg_xact_status($1::xid8), 'unknown')", [number],
                        doing: "ask what became of an earlier import"
                    ).scalar ?? "unknown"
            } catch {
                guard error.kind == .server, !error.isConnectionLoss else { throw error }
                // The number is beyond what this server has counted.
                return "unknown"
            }
            guard state == "in progress" else { return state }
            usleep(Self.settlePollMicroseconds)
        }
        throw PostgresError(
            kind: .server, sqlState: "55P03", message: "the session of an earlier import has not ended",
            doing: "continue the import at \(connection.place)",
            hint: "wait until it ends, or end it there: transaction \(number)")
    }
}

extension ImportStep {
    /// Whether it may run in one transaction with others: it is quick, and decides nothing about
    /// transactions.
    var mayShareTransaction: Bool {
        switch stage {
        case .index, .materializedView, .extension: return false
        case .schema, .collation, .type, .domain, .sequence, .table, .sequenceOwnership, .function,
            .aggregate,
            .procedure, .operator, .conversion, .foreignTable, .view, .uniqueIndex, .rule, .foreignKey,
            .policy,
            .uncategorized, .comment, .notValidConstraint, .trigger, .eventTrigger, .deferredComment:
            return statements.allSatisfy { $0.key != nil && !$0.controlsTransaction }
        }
    }
}

extension SQLStatement {
    /// Whether it has the same effect if it is run a second time.
    fileprivate var mayBeRepeated: Bool {
        let once = [["add"], ["attach", "partition"], ["inherit"], ["rename"]]
        return begins(["comment"]) || begins(["alter"]) && !once.contains { contains($0, depth: 0) }
    }

    /// Whether it begins or ends a transaction, or cannot be in one with others.
    fileprivate var controlsTransaction: Bool {
        let words = [
            "begin", "commit", "rollback", "start", "end", "abort", "savepoint", "release", "set", "vacuum",
        ]
        return words.contains { begins([$0]) }
            // A new value of an enumeration cannot be used in the transaction that adds it.
            || begins(["alter", "type"]) || contains(["concurrently"], depth: 0)
    }
}
