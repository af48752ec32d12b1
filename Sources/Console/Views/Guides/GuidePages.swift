import Engine
import Records

/// A condition shown before an action of a guide: met, not met, or unknown. The gates of a cutover are the
/// engine's.
struct GuideCondition: Equatable {
    var isMet: Bool?
    var text: String

    var line: PageLine {
        switch isMet {
        case true: PageLine("✓ " + text, .gateGo)
        case false: PageLine("✗ " + text, .gateNogo)
        case nil: PageLine("? " + text, .textMuted)
        }
    }
}

extension Guide {
    /// The conditions of this guide. The engine's answer comes last: only the engine decides.
    func conditions(_ data: ConsoleData) -> [GuideCondition] {
        var conditions: [GuideCondition] = []
        if let status = data.status {
            switch kind {
            case .prepare:
                conditions.append(
                    GuideCondition(
                        isMet: status.phase.group == .prepare || status.phase.group == .schema,
                        text: "no data was moved yet (phase \(status.phase.word))"))
                conditions += connectionConditions(data)
            case .schema, .liveMigration:
                conditions.append(
                    GuideCondition(
                        isMet: status.sourcePlace != nil,
                        text: "source \(status.sourcePlace ?? "not named yet")"))
                conditions.append(
                    GuideCondition(
                        isMet: status.targetPlace != nil,
                        text: "target \(status.targetPlace ?? "not named yet")"))
            case .cutoverToTarget, .cutoverToSource:
                break  // They have a page of their own.
            case .end:
                conditions.append(
                    GuideCondition(isMet: status.cutoverUnderWay == nil, text: "no cutover is under way"))
                conditions.append(
                    GuideCondition(
                        isMet: status.phase == .complete,
                        text: "the last cutover has ended (phase \(status.phase.word))"))
            }
        }
        if data.inquiry?.request == request {
            let refusal = data.inquiry?.refusal
            conditions.append(GuideCondition(isMet: refusal == nil, text: refusal ?? "the engine allows it"))
        } else {
            conditions.append(GuideCondition(isMet: nil, text: "asking the engine"))
        }
        return conditions
    }

    /// The conditions of the connections: server, user, and where the password comes from.
    private func connectionConditions(_ data: ConsoleData) -> [GuideCondition] {
        guard case .success(let forms) = Guide.databases(from: form) else { return [] }
        return [
            ("source", forms.source, data.hasSourcePassword),
            ("target", forms.target, data.hasTargetPassword),
        ]
        .map { side, form, isGiven in
            let typed = !self.form.text(side + ".password").isEmpty
            let password = typed ? "typed" : isGiven ? "given at the start" : "not given, so PGPASSFILE"
            return GuideCondition(
                isMet: form.isComplete,
                text:
                    "\(side) \(form.host):\(form.port)/\(form.database) as \(form.user), TLS "
                    + "\(form.sslMode), password \(password)")
        }
    }
}

extension Canvas {
    mutating func drawChecks(_ guide: Guide, _ data: ConsoleData, in area: Rectangle) {
        if guide.kind.cutoverSide != nil { return drawGates(guide, data, in: area) }
        let isAllowed = data.inquiry?.request == guide.request && data.inquiry?.refusal == nil
        let title = guide.request?.title ?? guide.kind.rawValue
        var head = [PageLine(""), PageLine("Before: \(title)", .textStrong)]
        for gate in guide.conditions(data) {
            for (index, text) in wrapped(gate.line.text, to: area.columns - 4).enumerated() {
                head.append(PageLine((index == 0 ? "" : "  ") + text, gate.line.token))
            }
        }
        drawPage(
            head: head, list: [], scroll: nil,
            foot: isAllowed
                ? PageLine("Enter shows the plan. Esc goes back.", .textStrong)
                : PageLine("Not allowed now. Esc goes back.", .statusWarn), in: area)
    }

    mutating func drawPlan(_ guide: Guide, _ data: ConsoleData, in area: Rectangle) {
        let inquiry = data.inquiry?.request == guide.request ? data.inquiry : nil
        let plan = inquiry?.plan ?? []
        var head: [PageLine]
        if let trouble = inquiry?.planTrouble {
            head = [PageLine("The plan cannot be shown: \(trouble)", .statusError)]
        } else if inquiry == nil {
            head = [PageLine("Reading the plan.", .textMuted)]
        } else if plan.isEmpty {
            head = [PageLine("This changes nothing on either database.", .textStrong)]
        } else {
            let oneWay = plan.count { $0.undo == nil }
            head = [
                PageLine(
                    "What will be done, \(plan.count) \(plan.count == 1 ? "line" : "lines")"
                        + (oneWay > 0 ? ", \(oneWay) of them without undo" : ""),
                    .textStrong)
            ]
        }
        let list = plan.enumerated().map { index, line in
            PageLine("[\(index + 1)/\(plan.count)] \(line.side?.rawValue ?? "here") \(oneLine(line.action))")
        }
        var lower: [PageLine] = []
        if plan.indices.contains(guide.scroll.selected) {
            let line = plan[guide.scroll.selected]
            lower.append(PageLine(String(repeating: "─", count: area.columns - 2), .border))
            lower += wrapped(line.action, to: area.columns - 4).prefix(3).map { PageLine($0, .sqlKeyword) }
            let undo = line.undo.map { "Undo: \($0)" } ?? "Undo: not possible."
            lower += wrapped(undo, to: area.columns - 4).prefix(2).map {
                PageLine($0, line.undo == nil ? .statusWarn : .textMuted)
            }
        }
        let split = area.split(top: area.rows - lower.count - 1)
        drawPage(
            head: head, list: list, scroll: guide.scroll, foot: PageLine(""),
            in: Rectangle(
                row: split.top.row, column: split.top.column, rows: split.top.rows + 1,
                columns: split.top.columns))
        for (offset, line) in lower.enumerated() {
            write(
                line.text, row: split.rest.row + offset, column: area.column + 1, token: line.token,
                limit: area.columns - 2)
        }
        let isTyped = guide.kind.cutoverSide != nil || guide.kind == .end
        let go =
            isTyped ? "Enter asks for the migration's name. Esc goes back." : "Enter does it. Esc goes back."
        write(go, row: area.endRow - 1, column: area.column + 1, token: .textStrong, limit: area.columns - 2)
    }
}

/// Returns a statement of several lines as one line.
func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
