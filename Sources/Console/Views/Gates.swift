import Engine
import Records

extension Gate.State {
    var mark: String {
        switch self {
        case .green: "✓"
        case .amber: "!"
        case .red: "✗"
        case .unknown: "?"
        }
    }

    var token: Token {
        switch self {
        case .green: .gateGo
        case .amber: .statusWarn
        case .red: .gateNogo
        case .unknown: .textMuted
        }
    }

    /// The place of a state in a list that shows the worst first.
    fileprivate var rank: Int {
        switch self {
        case .red: 0
        case .unknown: 1
        case .amber: 2
        case .green: 3
        }
    }
}

extension Gate {
    /// One line: mark, title, what was found, and its age.
    func line(now: Double) -> PageLine {
        let age = readAt.map { " (\(duration(max(0, now - $0).rounded(.down))))" } ?? ""
        let waived = waiver == nil ? "" : " WAIVED"
        return PageLine("\(state.mark) \(title)\(waived)  \(oneLine(found))\(age)", state.token)
    }

    /// The detail below the list.
    func detail(now: Double) -> [PageLine] {
        let age = readAt.map { ", read \(duration(max(0, now - $0).rounded(.down))) ago" } ?? ", never read"
        return [PageLine("\(name.rawValue): \(state.rawValue)\(age). \(oneLine(found))", state.token)]
            + (wanted.isEmpty || state == .green ? [] : [PageLine("wanted: \(oneLine(wanted))")])
            + (remedy.isEmpty ? [] : [PageLine("do: \(oneLine(remedy))", .statusWarn)])
            + (waiver.map { [PageLine("waived: \(oneLine($0.words))")] } ?? [])
    }
}

extension [Gate] {
    /// The worst first; equal ones keep their order.
    var worstFirst: [Gate] {
        enumerated().sorted { ($0.element.state.rank, $0.offset) < ($1.element.state.rank, $1.offset) }
            .map(\.element)
    }
}

extension Canvas {
    /// Draws the gates of a cutover's guide, and below them what is known of the selected one.
    mutating func drawGates(_ guide: Guide, _ data: ConsoleData, in area: Rectangle) {
        let gates = data.gates(of: guide).worstFirst
        let isAnswered = data.inquiry?.request == guide.request
        let refusal = isAnswered ? data.inquiry?.refusal : nil
        let open = gates.count(where: \.refuses)
        let head = [
            PageLine(
                "Before: \(guide.request?.title ?? guide.kind.rawValue)   "
                    + "\(gates.count { $0.state == .green }) of \(gates.count) green"
                    + (open == 0 ? "" : ", \(open) refuse"), .textStrong)
        ]
        var lower: [PageLine] = []
        if let refusal, open == 0 {
            // The engine refuses it for another reason than a gate.
            lower += wrapped(refusal, to: area.columns - 4).prefix(4).map { PageLine($0, .gateNogo) }
        } else if gates.indices.contains(guide.scroll.selected) {
            lower.append(PageLine(String(repeating: "─", count: area.columns - 2), .border))
            for line in gates[guide.scroll.selected].detail(now: data.now) {
                lower += wrapped(line.text, to: area.columns - 4).prefix(2).map { PageLine($0, line.token) }
            }
        }
        let foot =
            !isAnswered
            ? PageLine("Asking the engine.", .textMuted)
            : refusal == nil
                ? PageLine("Enter shows the plan. Esc goes back.", .textStrong)
                : PageLine(
                    open == 0
                        ? "Not allowed now. Esc goes back."
                        : "Refused by a gate. Mend it, or waive it with the verb's --waive. Esc goes back.",
                    .statusWarn)
        let split = area.split(top: area.rows - lower.count - 1)
        drawPage(
            head: head, list: gates.map { $0.line(now: data.now) }, scroll: guide.scroll, foot: PageLine(""),
            in: Rectangle(
                row: split.top.row, column: split.top.column, rows: split.top.rows + 1,
                columns: split.top.columns))
        for (offset, line) in (lower + [foot]).enumerated() {
            write(
                line.text, row: split.rest.row + offset, column: area.column + 1, token: line.token,
                limit: area.columns - 2)
        }
    }
}
