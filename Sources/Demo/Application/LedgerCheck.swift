import Postgres
import Records

/// The result of comparing the ledger with a database while the application does not write.
package struct LedgerCheck: Sendable, Equatable {
    package let acknowledged: Int
    package let failed: Int
    /// Transactions whose COMMIT got no answer but that are in the database.
    package let inDoubt: Int
    package let inDoubtPresent: Int
    /// The problems as sentences, at most `problemsShown` of each kind.
    package let problems: [String]

    package var isComplete: Bool { problems.isEmpty }

    private static let problemsShown = 10

    /// Reads the database after the ledger, so that every acknowledged transaction must be there.
    package init(ledger: Ledger, database: DatabaseAccess) throws {
        let session = try PostgresConnection(
            database, applicationName: "switchback demo ledger check", settings: nil)
        try session.execute("begin isolation level repeatable read read only", doing: "check the ledger")
        var present: [Int64: (times: Int, effects: Effects)] = [:]
        let entries = try session.query(
            "select transaction_id, effects from ledger_entry", doing: "read the ledger's entries")
        for row in entries.rows {
            guard let id = row[0].flatMap(Int64.init), let effects = row[1].flatMap({ Effects($0) }) else {
                throw DemoError.ledgerUnreadable(line: row.map { $0 ?? "null" }.joined(separator: " "))
            }
            present[id, default: (0, effects)].times += 1
        }
        var found = Effects()
        for row in try session.query(
            Shop.text(PackageResources.read_counters_sql), doing: "read the counters"
        ).rows {
            if let counter = row[0], let amount = row[1].flatMap(Int64.init) {
                found.add(amount, to: counter)
            }
        }
        for row in try session.query(Shop.text(PackageResources.count_rows_sql), doing: "count the rows").rows
        {
            guard let table = row[0], let rows = row[1].flatMap(Int64.init) else { continue }
            found.add(rows - (ledger.openingRows[table] ?? 0), to: "rows.\(table)")
        }
        try session.execute("commit", doing: "check the ledger")

        let unanswered = ledger.intents.subtracting(ledger.acknowledged.keys).subtracting(ledger.failed)
        acknowledged = ledger.acknowledged.count
        failed = ledger.failed.count
        inDoubt = unanswered.count
        inDoubtPresent = unanswered.count { present[$0] != nil }
        problems =
            Self.transactionProblems(ledger, present) + Self.counterProblems(present, found)
            + ledger.faults.prefix(Self.problemsShown).map { "the application had a fault: \($0)" }
    }

    private static func transactionProblems(
        _ ledger: Ledger, _ present: [Int64: (times: Int, effects: Effects)]
    ) -> [String] {
        var problems: [String] = []
        func note(_ ids: [Int64], _ sentence: (Int64) -> String) {
            problems += ids.sorted().prefix(problemsShown).map(sentence)
        }
        note(ledger.acknowledged.keys.filter { present[$0] == nil }) {
            "transaction \($0) was acknowledged but is lost"
        }
        note(present.filter { $0.value.times > 1 }.map(\.key)) { "transaction \($0) is there more than once" }
        note(present.keys.filter { !ledger.intents.contains($0) }) {
            "transaction \($0) is there but is not in the ledger"
        }
        note(ledger.failed.filter { present[$0] != nil }) {
            "transaction \($0) failed but is there"
        }
        note(
            ledger.acknowledged.filter { id, effects in present[id].map { $0.effects != effects } ?? false }
                .map(\.key)
        ) {
            "transaction \($0) is there with other effects than it had"
        }
        return problems
    }

    private static func counterProblems(
        _ present: [Int64: (times: Int, effects: Effects)], _ found: Effects
    ) -> [String] {
        var expected = Effects()
        for entry in present.values { expected.add(entry.effects) }
        let counters = Set(expected.amounts.keys).union(found.amounts.keys).sorted()
        return counters.filter { expected.amounts[$0] ?? 0 != found.amounts[$0] ?? 0 }.prefix(problemsShown)
            .map {
                "\($0) changed by \(found.amounts[$0] ?? 0), its transactions by \(expected.amounts[$0] ?? 0)"
            }
    }
}
