import Engine
import Foundation
import Records

/// What a run of the demo found out, as it is printed at its end.
struct DemoRecord: Sendable {
    /// One leg's end: what the comparison and the ledger said while the application was held.
    struct Leg: Sendable {
        let to: Side
        let rows: Int64
        let tables: Int
        let problems: [String]
        /// How long the demo's own comparison and ledger check held the application up.
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
    /// Everything that was not as it must be, a sentence each.
    var problems: [String] = []

    var isGood: Bool { problems.isEmpty }

    /// Takes from the status what is gone once the migration has ended.
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
                "downtime to \(Self.padded(move.to.rawValue, 10))\(Self.decimal(move.seconds)) s, as the application felt it; "
                    + "\(Self.decimal(own)) s of it for the demo's own comparison")
        }
        if let check = ledgerCheck {
            lines.append(
                "ledger                \(check.acknowledged) transactions acknowledged and there, \(check.failed) failed, "
                    + "\(check.inDoubt) in doubt (\(check.inDoubtPresent) there)")
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
                : "the run was not as it must be: \(problems.count) problems")
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
