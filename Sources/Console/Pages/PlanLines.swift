import Engine
import Records

extension [PlanLine] {
    /// The plan as lines: number, side, statement.
    var lines: [PageLine] {
        let digits = String(count).count
        return enumerated().map { index, line in
            let number = String(index + 1)
            let padding = String(repeating: " ", count: digits - number.count)
            return PageLine("[\(padding)\(number)/\(count)] " + line.summary, line.token)
        }
    }

    /// The heading of a plan.
    var title: String {
        guard !isEmpty else { return "It runs no statement on either database" }
        let statements = filter { $0.kind == .statement }.map(\.texts.count).reduce(0, +)
        let oneWay = count { $0.undo == nil }
        let unread = count { $0.kind == .unread }
        return "Plan \(PlanHash(self)): \(counted(count, "line")), \(counted(statements, "statement"))"
            + (oneWay > 0 ? ", \(oneWay) without undo" : "")
            + (unread > 0 ? ", \(unread) NOT KNOWN YET" : "")
    }
}

extension PlanLine {
    /// The side as it stands before a statement.
    private var place: String { side?.rawValue.uppercased() ?? "HERE" }

    /// The line in one row: the side, how many, and the statement without the comment before it.
    var summary: String {
        let times = more.isEmpty ? "" : "\(texts.count) × "
        switch kind {
        case .statement: return "\(place) \(times)\(Self.statementOnly(action))"
        case .unread: return "\(place) not known yet: \(step)"
        case .sentence:
            let words = oneLine(action)
            return "\(place) " + (step.isEmpty || step == words ? words : "\(step): \(words)")
        }
    }

    var token: Token {
        switch kind {
        case .statement: undo == nil ? .statusWarn : .sqlKeyword
        case .sentence: undo == nil ? .statusWarn : .textMuted
        case .unread: .statusError
        }
    }

    /// The step, and what the statements are made for.
    var purpose: String {
        [step, count].filter { !$0.isEmpty }.joined(separator: ", for ")
    }

    /// The text of a file without the comment lines at its top, in one line.
    static func statementOnly(_ text: String) -> String {
        let lines = text.split(separator: "\n").drop { $0.hasPrefix("--") }
        return oneLine(lines.joined(separator: " ").split(separator: " ").joined(separator: " "))
    }

    /// The line about what takes it back.
    var undoLine: PageLine {
        guard let undo else { return PageLine("Undo: nothing can.", .statusWarn) }
        return PageLine("Undo: \(Self.statementOnly(undo))", .textMuted)
    }

    /// Every text, as one that can be run by hand.
    var sql: String { texts.count == 1 ? action : texts.map(Self.ended).joined(separator: "\n") }

    /// A statement with its semicolon.
    private static func ended(_ text: String) -> String { text.hasSuffix(";") ? text : text + ";" }

    /// The page about this line: every text, as it is sent.
    var details: DetailsPage {
        func shown(_ texts: [String]) -> [PageLine] {
            texts.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }.map {
                PageLine(String($0), kind == .statement ? .sqlKeyword : .text)
            }
        }
        let place = side.map { "On the \($0.rawValue):" } ?? "In the export directory:"
        return DetailsPage(
            title: step.isEmpty ? "Plan" : step,
            lines: [PageLine(place, .textStrong)]
                + (count.isEmpty ? [] : [PageLine("For \(count).", .textMuted)])
                + shown(kind == .statement ? texts.map(Self.ended) : texts)
                + (parameters.isEmpty ? [] : [PageLine("Its parameters: \(parameters).", .textMuted)])
                + [PageLine(""), PageLine("What takes it back:", .textStrong)]
                + (undo.map { shown([$0]) } ?? [PageLine("Nothing can.", .statusWarn)]),
            sql: sql)
    }
}
