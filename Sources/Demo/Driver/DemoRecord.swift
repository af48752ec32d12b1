import Engine
import Foundation
import Records

/// The results of a run of the demo, printed at its end.
struct DemoRecord: Sendable {
    /// The end of one leg: the results of comparison and ledger while the application waited.
    struct Leg: Sendable {
        let to: Side
        let rows: Int64
        let tables: Int
        let problems: [String]
        /// Seconds that the application waited for the demo's own comparison and ledger check.
        let comparisonSeconds: Double
    }

    var phases: [(phase: Phase, seconds: Double)] = []
    var rowsCopied: Int64 = 0
    var exported: [Direction: Int64] = [:]
    var imported: [Direction: Int64] = [:]
    var legs: [Leg] = []
    var ledger: Ledger?
    var ledgerCheck: LedgerCheck?
    var restarts = 0
    var kills = 0
    var abortedCutovers = 0
    /// Everything that was wrong, a sentence each.
    var problems: [String] = []

    var isGood: Bool { problems.isEmpty }

    /// Notes the numbers of the status that are gone after the end of the migration.
    mutating func note(_ status: MigrationStatus) {
        rowsCopied = status.tables.reduce(0) { $0 + $1.importedRows }
        for direction in Direction.allCases {
            exported[direction] = status.tables.reduce(0) { $0 + ($1.exported[direction]?.total ?? 0) }
            imported[direction] = status.tables.reduce(0) { $0 + ($1.imported[direction]?.total ?? 0) }
        }
    }

    var lines: [String] {
        var lines = ["", "phase                 seconds"]
        for (phase, seconds) in phases where seconds >= 0.05 {
            lines.append(Self.padded(phase.rawValue, 20) + Self.right(Self.decimal(seconds), 9))
        }
        lines.append("")
        lines.append("rows copied           \(rowsCopied)")
        for direction in Direction.allCases {
            lines.append(
                "events \(Self.padded(direction.rawValue, 15))\(exported[direction] ?? 0) exported, "
                    + "\(imported[direction] ?? 0) imported")
        }
        for leg in legs {
            lines.append(
                "equal before \(leg.to.rawValue)   "
                    + (leg.problems.isEmpty ? "\(leg.tables) tables, \(leg.rows) rows" : "NO"))
        }
        for move in ledger?.moves ?? [] {
            let own = legs.first { $0.to == move.to }?.comparisonSeconds ?? 0
            lines.append(
                "downtime to \(Self.padded(move.to.rawValue, 10))\(Self.decimal(move.seconds)) s, as the "
                    + "application felt it; \(Self.decimal(own)) s of it for the demo's own comparison")
        }
        if let check = ledgerCheck {
            lines.append(
                "ledger                \(check.acknowledged) transactions acknowledged and there, "
                    + "\(check.failed) failed, \(check.inDoubt) in doubt (\(check.inDoubtPresent) there)")
        }
        if kills > 0 || restarts > 0 {
            lines.append(
                "worker                killed \(kills) times by the demo, started again \(restarts) times")
        }
        if abortedCutovers > 0 { lines.append("cutovers tried again  \(abortedCutovers)") }
        lines.append("")
        lines += problems.map { "PROBLEM: \($0)" }
        lines.append(
            isGood
                ? "every table was equal on both sides after each leg, and the ledger is complete"
                : "the run had \(problems.count) problems")
        return lines
    }

    private static func decimal(_ value: Double) -> String { String(format: "%.2f", value) }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
