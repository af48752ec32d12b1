import Engine

/// The statements of a request in their order, each with what takes it back.
package struct PlanPage: Page {
    package var id: PageID { .plan }
    private let request: Request?
    private var scroll = Scroll()

    package init(_ request: Request?) { self.request = request }

    package var reads: Reads { Reads(inquiry: request) }

    private func plan(_ data: ConsoleData) -> [PlanLine] {
        data.inquiry.flatMap { $0.request == request ? $0.plan : nil } ?? []
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open: nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let plan = plan(data)
        if let movement = Scroll.Movement(command) { scroll.move(movement, count: plan.count) }
        guard command == .open, plan.indices.contains(scroll.selected) else { return [] }
        return [.push(plan[scroll.selected].details)]
    }

    package func copied(_ data: ConsoleData) -> String? {
        let plan = plan(data)
        return plan.indices.contains(scroll.selected) ? plan[scroll.selected].sql : nil
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        let plan = plan(data)
        canvas.box(area, title: plan.title, token: .borderFocus)
        let inner = area.inner
        let split = inner.split(top: inner.rows - 5)
        canvas.list(plan.lines, scroll: scroll, in: split.top)
        canvas.rule(row: split.rest.row, in: inner)
        var lower: [PageLine] = []
        if let trouble = data.inquiry?.planTrouble {
            lower.append(PageLine("The plan cannot be shown: \(trouble)", .statusError))
        } else if plan.indices.contains(scroll.selected) {
            let line = plan[scroll.selected]
            if !line.purpose.isEmpty { lower.append(PageLine(oneLine(line.purpose), .textStrong)) }
            lower += wrapped(
                [PageLine(PlanLine.statementOnly(line.action), line.token)], to: inner.columns - 2, rowsMax: 2
            )
            lower.append(line.undoLine)
        }
        canvas.lines(lower, in: split.rest.split(top: 1).rest)
    }
}
