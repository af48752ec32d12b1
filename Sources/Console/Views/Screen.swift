import Engine

/// The least terminal the console is drawn on.
package let rowsMin = 24
package let columnsMin = 80

/// Whether the console can be drawn on a terminal of that size.
package func fits(rows: Int, columns: Int) -> Bool { rows >= rowsMin && columns >= columnsMin }

/// Draws the whole screen: identity bar, phase rail, body, alert line, key hints, prompt line; dialogs on top.
package func render(_ state: ViewState, _ data: ConsoleData, onto canvas: inout Canvas) {
    guard fits(rows: canvas.rows, columns: canvas.columns) else {
        drawTooSmall(&canvas)
        return
    }
    canvas.drawIdentityBar(data)
    canvas.drawPhaseRail(data)
    let body = Rectangle(row: 2, column: 0, rows: canvas.rows - 5, columns: canvas.columns)
    if state.helpIsOpen {
        canvas.drawHelp(state, data, in: body)
    } else {
        switch state.tab {
        case .dashboard: canvas.drawDashboard(state, data, in: body)
        case .tables: canvas.drawTables(state.tables, data, in: body)
        case .log: canvas.drawLog(state.log, data, in: body)
        case .incidents: canvas.drawIncidents(state.incidentsScroll, data, in: body)
        case .guide: if let guide = state.guide { canvas.drawGuide(guide, data, in: body) }
        }
    }
    if let alert = data.alert {
        canvas.write(
            " " + alert.word + alert.text, row: canvas.rows - 3, column: 0, token: alert.token,
            limit: canvas.columns)
    }
    canvas.drawHints(state, data, row: canvas.rows - 2)
    if let notice = state.notice {
        let word = notice.level == .info ? "" : notice.word
        canvas.write(
            " " + word + notice.text, row: canvas.rows - 1, column: 0, token: notice.token,
            limit: canvas.columns)
    }
    if let confirmation = state.confirmation { canvas.draw(confirmation) }
}

private func drawTooSmall(_ canvas: inout Canvas) {
    let lines = [
        "Switchback needs \(columnsMin)x\(rowsMin), this is \(canvas.columns)x\(canvas.rows).",
        "Work continues. q leaves the console.",
    ]
    var row = 0
    for line in lines.flatMap({ wrapped($0, to: canvas.columns) }) {
        canvas.write(line, row: row, column: 0)
        row += 1
    }
}

extension Canvas {
    /// Migration, both places with the source always on the left, the phase's word, the data's age, the clock.
    mutating func drawIdentityBar(_ data: ConsoleData) {
        fill(Rectangle(row: 0, column: 0, rows: 1, columns: columns), token: .headerBar)
        let status = data.status
        let time = clock(data.now, utcOffset: data.utcOffset)
        let age =
            data.isStale
            ? "STALE \(duration((data.dataAge ?? 0).rounded(.down)))"
            : "data \(data.dataAge.map { duration($0.rounded(.down)) } ?? unknown)"
        let phase = status.map { ($0.isPaused ? "‖ PAUSED " : "▶ ") + $0.phase.word } ?? "NO STATUS"
        let ageStart = columns - 1 - textWidth(time) - 2 - textWidth(age)
        writeRight(time, row: 0, endColumn: columns - 1, token: .headerBar)
        write(age, row: 0, column: ageStart, token: data.isStale ? .statusWarn : .headerBar)
        let readOnly = data.readOnly ? "READ-ONLY  " : ""
        let phaseStart = ageStart - 2 - textWidth(readOnly + phase)
        let token: Token = data.direction == .forward ? .directionForward : .directionReverse
        write(readOnly + phase, row: 0, column: phaseStart, token: token)

        let name = status?.name ?? "switchback"
        var column = write(name, row: 0, column: 1, token: .headerName, limit: max(8, columns / 6)) + 2
        let fixed = "SOURCE  ".count + 1 + "  TARGET".count
        let width = max(0, phaseStart - 2 - column - fixed)
        let (source, target) = places(status, width: width)
        let sourceRoom = max(width / 2, width - textWidth(target))
        column = write("SOURCE ", row: 0, column: column, token: .headerBar)
        column = write(clippedAtStart(source, to: sourceRoom), row: 0, column: column, token: .headerName)
        let arrow = data.direction == .forward ? " → " : " ← "
        column = write(arrow, row: 0, column: column, token: token)
        let targetRoom = max(0, width - min(textWidth(source), sourceRoom))
        column = write(clippedAtStart(target, to: targetRoom), row: 0, column: column, token: .headerName)
        write(" TARGET", row: 0, column: column, token: .headerBar)
    }

    /// Both places in the fullest form both have room for: with the database, with the port, the host alone.
    private func places(_ status: MigrationStatus?, width: Int) -> (source: String, target: String) {
        var source = status?.sourcePlace ?? unknown
        var target = status?.targetPlace ?? unknown
        for separator in ["/", ":"] as [Character] where textWidth(source) + textWidth(target) > width {
            if let cut = source.lastIndex(of: separator), cut > source.startIndex {
                source = String(source[..<cut])
            }
            if let cut = target.lastIndex(of: separator), cut > target.startIndex {
                target = String(target[..<cut])
            }
        }
        // Two servers on one host are told apart by the port, so that stays when the host has to go.
        guard source == target || textWidth(source) + textWidth(target) > width,
            let fullSource = status?.sourcePlace, let fullTarget = status?.targetPlace
        else { return (source, target) }
        for separator in ["/", nil] as [Character?] {
            source = tail(fullSource, before: separator)
            target = tail(fullTarget, before: separator)
            if textWidth(source) + textWidth(target) <= width { break }
        }
        return (source, target)
    }

    /// `host:port/database` from its port on, up to the separator where one is given.
    private func tail(_ place: String, before separator: Character?) -> String {
        let port = place.lastIndex(of: ":").map { place[$0...] } ?? place[...]
        guard separator == nil, let slash = port.firstIndex(of: "/") else { return "…" + port }
        return "…" + port[..<slash]
    }

    mutating func drawPhaseRail(_ data: ConsoleData) {
        let groups = PhaseGroup.allCases
        let phase = data.status?.phase ?? .prepare
        let current = groups.firstIndex(of: phase.group) ?? 0
        let isWide = columns >= 100
        var column = 1
        for (index, group) in groups.enumerated() {
            // Once everything is ended, the last group is behind us as well.
            let isDone = index < current || phase == .ended
            let isSkipped =
                isDone && group == .cutoverToSource
                && data.status?.cutover(to: .source)?.word != .completed
                || isDone && group == .fallBack && !(data.status?.fallBackEnabled ?? false)
            let mark = isSkipped ? "⊘" : isDone ? "✓" : index == current ? "▶" : "·"
            let token: Token = isDone ? .railDone : index == current ? .railCurrent : .railTodo
            let name = isWide ? group.rawValue : group.shortName
            let words = mark + " " + (index == current && !isDone ? name.uppercased() : name)
            column = write(words, row: 1, column: column, token: token) + (isWide ? 2 : 1)
        }
    }

    /// The hint line, from the keymap: tabs first, then what works here.
    mutating func drawHints(_ state: ViewState, _ data: ConsoleData, row: Int) {
        if (state.tab == .tables && state.tables.isFiltering) || (state.tab == .log && state.log.isFiltering)
        {
            let field = state.tab == .tables ? state.tables.filter : state.log.filter
            write(" filter ", row: row, column: 0, token: .keyLabel)
            input(field, row: row, column: 8, columns: 40, focused: true)
            write("Enter keeps, Esc clears", row: row, column: 50, token: .textMuted)
            return
        }
        let gap = columns >= 120 ? 2 : 1
        let shown = Keymap.bindings(in: state.context).filter { isHinted($0, state, data) }
        let isGlobal = { (binding: KeyBinding) in binding.contexts.isEmpty }
        let tabs = shown.filter { isGlobal($0) && $0.command.isTab }
        let always = shown.filter { isGlobal($0) && !$0.command.isTab }
        let guideLabel = guideName(state, data)
        let label = { (binding: KeyBinding) in binding.command == .showGuide ? guideLabel : binding.hint }
        let reserved = always.reduce(0) { $0 + textWidth($1.shown + label($1)) + 1 + gap }
        var column = 1
        for binding in tabs + shown.filter({ !isGlobal($0) }) + always {
            let width = textWidth(binding.shown + label(binding)) + 1
            if !isGlobal(binding), column + width + gap + reserved > columns { continue }
            let end = write(binding.shown, row: row, column: column, token: .keyHint)
            let token: Token = state.shows(binding.command) ? .selectionUnfocused : .keyLabel
            column = write(label(binding), row: row, column: end + 1, token: token) + gap
        }
    }

    /// Only what does something now is hinted at; the help lists everything.
    private func isHinted(_ binding: KeyBinding, _ state: ViewState, _ data: ConsoleData) -> Bool {
        if binding.hint.isEmpty || (binding.changes && data.readOnly) { return false }
        let cutover = data.status?.cutoverUnderWay
        let isActing = state.tab == .guide && state.guide?.step == .act
        switch binding.command {
        case .abortCutover: return cutover?.canAbort == true
        case .release: return cutover?.awaitsApproval == true
        case .forward, .again: return !isActing
        default: return true  // All others work at any time.
        }
    }

    private func guideName(_ state: ViewState, _ data: ConsoleData) -> String {
        let kind =
            state.guideKind.cutoverSide == nil
            ? state.guideKind : GuideKind(for: data.status?.phase ?? .prepare)
        return columns >= 120 ? kind.rawValue : kind.shortName
    }
}

extension KeyCommand {
    fileprivate var isTab: Bool {
        [.showDashboard, .showTables, .showLog, .showGuide, .showCutover].contains(self)
    }
}

extension ViewState {
    fileprivate func shows(_ command: KeyCommand) -> Bool {
        switch command {
        case .showDashboard: tab == .dashboard
        case .showTables: tab == .tables
        case .showLog: tab == .log
        case .showGuide: tab == .guide && guideKind.cutoverSide == nil
        case .showCutover: tab == .guide && guideKind.cutoverSide != nil
        default: false  // Only tabs can be in view.
        }
    }
}

extension PhaseGroup {
    /// The name at 80 columns, where the seven must share one row.
    package var shortName: String {
        switch self {
        case .prepare, .schema, .liveMigration, .fallBack, .end: rawValue
        case .cutoverToTarget: "To target"
        case .cutoverToSource: "To source"
        }
    }
}

extension GuideKind {
    fileprivate var shortName: String {
        switch self {
        case .prepare, .schema, .end: rawValue
        case .liveMigration: "Live"
        case .cutoverToTarget: "To target"
        case .cutoverToSource: "To source"
        }
    }
}
