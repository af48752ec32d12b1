import Engine
import Records

/// The output of `cutover gates`.
enum GateTable {
    /// Returns the table's lines, and below them what to do about each gate that is not green.
    static func lines(
        _ gates: [Gate], now: Double,
        colour: (String, Terminal.Colour) -> String = { text, _ in text }
    ) -> [String] {
        var table = ColumnTable()
        table.add(["GATE", "STATE", "AGE", "FOUND"])
        for gate in gates { table.add([gate.name.rawValue, word(gate), age(gate, now), gate.found]) }
        let lines = table.lines { cell, row, column in
            row > 0 && column == 1 ? colour(cell, Self.colour(of: gates[row - 1])) : cell
        }
        let remedies = gates.filter { $0.state != .green }.flatMap { gate -> [String] in
            ["", "\(gate.name.rawValue): \(gate.title)"]
                + gate.details.flatMap { indented($0) }
                + (gate.remedy.isEmpty ? [] : indented("to mend it: \(gate.remedy)"))
                + (gate.waiver.map { ["  waived, \($0.words)"] } ?? [])
        }
        return lines + remedies
    }

    static func json(_ gates: [Gate], now: Double) throws -> String {
        try JSONText.text(of: forms(gates, now: now))
    }

    /// The form of a gate in JSON.
    struct Form: Encodable {
        let name: String
        let title: String
        let state: String
        let found: String
        let wanted: String
        let read_at: String?
        let age_seconds: Double?
        let remedy: String
        let details: [String]
        let waived: String?
        let waived_by: String?
        let waived_at: String?
    }

    static func forms(_ gates: [Gate], now: Double) -> [Form] {
        gates.map { gate in
            Form(
                name: gate.name.rawValue, title: gate.title, state: gate.state.rawValue, found: gate.found,
                wanted: gate.wanted, read_at: gate.readAt.map(UTCTime.standard),
                age_seconds: gate.readAt.map { (max(0, now - $0) * 10).rounded() / 10 },
                remedy: gate.remedy, details: gate.details, waived: gate.waiver?.reason,
                waived_by: gate.waiver?.by, waived_at: gate.waiver?.at.map(UTCTime.standard))
        }
    }

    /// Returns the lines of a text, whose statement may have several.
    private static func indented(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).enumerated().map { ($0 == 0 ? "  " : "    ") + $1 }
    }

    private static func word(_ gate: Gate) -> String {
        gate.state.rawValue + (gate.waiver == nil ? "" : ", waived")
    }

    private static func age(_ gate: Gate, _ now: Double) -> String {
        gate.readAt.map { "\(Int(max(0, now - $0))) s" } ?? "-"
    }

    private static func colour(of gate: Gate) -> Terminal.Colour {
        switch gate.state {
        case .green: .green
        case .amber, .unknown: .yellow
        case .red: .red
        }
    }
}
