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
    private func detail(now: Double) -> [PageLine] {
        let age = readAt.map { ", read \(duration(max(0, now - $0).rounded(.down))) ago" } ?? ", never read"
        return [PageLine("\(name.rawValue): \(state.rawValue)\(age). \(oneLine(found))", state.token)]
            + (wanted.isEmpty || state == .green ? [] : [PageLine("wanted: \(oneLine(wanted))")])
            + (remedy.isEmpty ? [] : [PageLine("do: \(oneLine(remedy))", .statusWarn)])
    }
}

extension [Gate] {
    /// The worst first; equal ones keep their order.
    var worstFirst: [Gate] {
        enumerated().sorted { ($0.element.state.rank, $0.offset) < ($1.element.state.rank, $1.offset) }
            .map(\.element)
    }
}

extension Gate {
    /// The page about this gate.
    func details(_ data: ConsoleData) -> DetailsPage {
        var lines = [PageLine(title, .textStrong)] + detail(now: data.now)
        if !details.isEmpty {
            lines += [PageLine(""), PageLine("One by one:", .textStrong)] + details.map { PageLine($0) }
        }
        if let waiver { lines.append(PageLine("waived: \(waiver.words)", .statusWarn)) }
        return DetailsPage(
            title: "Gate \(name.rawValue)", lines: lines, sql: remedy.isEmpty ? nil : remedy,
            readAt: (data.now, data.utcOffset))
    }
}
