import Engine

/// The page that lists what needs the operator: causes before their consequences, each with what mends it on
/// the same line, and below the list everything about the chosen one.
package struct AlertsPage: Page {
    package var id: PageID { .alerts }
    private var list = ListChoice()
    /// The line that the operator has chosen. Others may come before it.
    private var chosenLine: LineID?
    /// Whether that line is gone. No key acts on the line that took its place until the operator moves.
    private var isGone = false

    package init() {}

    package var takesText: Bool { list.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        list.type(key) ? [] : nil
    }

    private static let orders: [ListOrder<Need>] = [
        ListOrder("causes first"), ListOrder("age", by: { $0.alert?.since ?? .infinity }),
        ListOrder("severity", by: { $0.severity }),
    ]

    /// Tells one line of the list from the others.
    private struct LineID: Equatable {
        let need: String
        let action: AlertAction?
    }

    /// A line of the list: an alert with its likeliest action, or another action of the alert above.
    private struct Line {
        var need: Need
        var action: AlertAction?
        var isFirst: Bool

        var id: LineID {
            LineID(need: need.alert.map { "\($0.id)" } ?? need.sentence, action: action)
        }
    }

    private func lines(_ data: ConsoleData) -> [Line] {
        let needs = list.arranged(data.needs, by: Self.orders) { need in
            ([need.severity.word, need.sentence] + (need.alert?.actions ?? []).map(\.words))
                .joined(separator: " ")
        }
        return needs.flatMap { need in
            let actions = need.alert?.actions ?? []
            return [Line(need: need, action: actions.first, isFirst: true)]
                + actions.dropFirst().map { Line(need: need, action: $0, isFirst: false) }
        }
    }

    private func chosen(_ data: ConsoleData) -> Line? {
        let lines = lines(data)
        return !isGone && lines.indices.contains(list.scroll.selected) ? lines[list.scroll.selected] : nil
    }

    // MARK: Keys

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command), .back: return nil
        case .details: return chosen(data) == nil ? noLine : nil
        case .open:
            guard let line = chosen(data) else { return noLine }
            guard let action = line.action else {
                return "Nothing can be done here: \(unblocker(line.need))."
            }
            if case .endSession(let writer, let side) = action,
                SessionEnd(writer, on: side, mode: .terminate) == nil
            {
                return "\(writer.words) cannot be ended from here; T on the cutover's page shows the SQL."
            }
            return action.changes && data.readOnly ? "This console is read-only." : nil
        case .acknowledge:
            guard let alert = chosen(data)?.need.alert else {
                return "Only an alert of the engine can be acknowledged."
            }
            return alert.isAcknowledged ? "It is acknowledged already." : nil
        case .endSession:
            guard case .endSession = chosen(data)?.action else { return "No session is on this line." }
            return nil
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    private var noLine: String {
        isGone ? "What you had chosen has ended. Choose a line first." : "Nothing needs you."
    }

    private func unblocker(_ need: Need) -> String {
        guard let text = need.alert?.unblocker, !text.isEmpty else { return "it ends by itself" }
        return text
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if list.perform(command, count: lines(data).count, orders: Self.orders.count) {
            isGone = false
            chosenLine = chosen(data)?.id
            return []
        }
        switch command {
        case .back:
            if !list.hasFilter { return [.show(.dashboard)] }
            list.clearFilter()
            return []
        case .details: return chosen(data).map { [.push(details($0, data))] } ?? []
        case .open, .endSession:
            guard let action = chosen(data)?.action, let status = data.status else { return [] }
            return action.consequences(status)
        case .acknowledge:
            guard let alert = chosen(data)?.need.alert else { return [] }
            return [.leave(.acknowledge(alert.id, severity: alert.severity))]
        default: return []
        }
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        let lines = lines(data)
        if let place = lines.firstIndex(where: { $0.id == chosenLine }) {
            list.scroll.selected = place
            isGone = false
        } else if chosenLine != nil {
            isGone = !lines.isEmpty
        }
        list.scroll.clamp(count: lines.count)
        if !isGone { chosenLine = chosen(data)?.id }
        return []
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data)?.need.sentence }

    // MARK: Drawing

    private func details(_ line: Line, _ data: ConsoleData) -> DetailsPage {
        DetailsPage(
            title: "Needs you",
            lines: [PageLine(line.need.sentence, line.need.severity.token), PageLine("")]
                + facts(line.need, data), sql: line.need.sentence,
            readAt: (data.now, data.utcOffset))
    }

    private func facts(_ need: Need, _ data: ConsoleData) -> [PageLine] {
        guard let alert = need.alert else { return [] }
        func time(_ at: Double) -> String { clock(at, utcOffset: data.utcOffset) }
        var lines: [PageLine] = []
        if let since = alert.since {
            let age = duration(max(0, data.now - since).rounded(.down))
            lines.append(PageLine("since       \(time(since)), for \(age)"))
        }
        if let until = alert.until {
            lines.append(PageLine("until       \(time(until)): \(alert.then)", .statusWarn))
        }
        if !alert.unblocker.isEmpty { lines.append(PageLine("unblocked   by \(alert.unblocker)")) }
        if let cause = alert.consequenceOf,
            let sentence = data.status?.alerts.first(where: { $0.id == cause })?.sentence
        {
            lines.append(PageLine("because     \(sentence)", .textMuted))
        }
        if let seen = alert.acknowledgement {
            lines.append(PageLine("acknowledged by \(seen.by) at \(time(seen.at))", .textMuted))
        }
        return lines
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        let lines = lines(data)
        canvas.box(
            area, title: "Needs you: \(data.openNeeds.count)\(list.remark(Self.orders))", token: .borderFocus)
        guard !lines.isEmpty else {
            let nothing =
                data.needs.isEmpty
                ? PageLine("✓ Nothing needs you.", .statusOK)
                : PageLine("No alert matches the filter.", .textMuted)
            canvas.lines([nothing], in: area.inner)
            return
        }
        let inner = area.inner
        let chosen = chosen(data)
        let about = wrapped(
            chosen.map {
                [PageLine(oneLine($0.need.sentence), $0.need.severity.token)] + facts($0.need, data)
            } ?? [PageLine(noLine, .textMuted)], to: inner.columns - 2, rowsMax: 4)
        let footRows = min(about.count, inner.rows / 2)
        let upper = Rectangle(
            row: inner.row, column: inner.column, rows: inner.rows - footRows - 1, columns: inner.columns)
        canvas.list(
            lines.map { pageLine($0, data, columns: inner.columns - canvas.numberColumns) },
            scroll: list.scroll, hasFocus: !isGone, in: upper)
        canvas.rule(row: upper.endRow, in: inner)
        canvas.lines(
            Array(about.prefix(footRows)),
            in: Rectangle(
                row: upper.endRow + 1, column: inner.column, rows: footRows, columns: inner.columns))
    }

    private func pageLine(_ line: Line, _ data: ConsoleData, columns: Int) -> PageLine {
        let way = line.action.map { "→ \($0.words)" } ?? ""
        guard line.isFirst else { return PageLine("             \(way)", .keyLabel) }
        let need = line.need
        let age =
            need.alert?.since.map { duration(max(0, data.now - $0).rounded(.down)) } ?? ""
        let mark = need.isOpen ? need.severity.word : "✓ seen "
        let indent = need.alert?.consequenceOf == nil ? "" : "  └ "
        let head = clipped(age, to: 7).padding(to: 8) + indent + mark
        let room = max(10, columns - 2 - textWidth(head) - (way.isEmpty ? 0 : textWidth(way) + 2))
        let words = clipped(oneLine(need.sentence), to: room)
        return PageLine(
            head + words.padding(to: room) + (way.isEmpty ? "" : "  " + way),
            need.isOpen ? need.severity.token : .textMuted)
    }
}
