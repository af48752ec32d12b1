import Engine
import Records

extension ViewState {
    /// Handles a key. An open dialog gets it first, then the help, a filter, a text field, and the keymap.
    package mutating func key(_ event: KeyEvent, _ data: ConsoleData) -> [Action] {
        notice = nil
        if confirmation != nil { return confirmationKey(event, data) }
        if helpIsOpen {
            helpIsOpen = false
            return []
        }
        if tables.isFiltering, tab == .tables {
            return filterKey(event, \.tables.filter, \.tables.isFiltering)
        }
        if log.isFiltering, tab == .log { return filterKey(event, \.log.filter, \.log.isFiltering) }
        if context == .form, guide?.form.takesText == true, guide?.form.edit(event) == true {
            guide?.problem = nil
            return []
        }
        guard let binding = Keymap.binding(for: event, in: context) else { return [] }
        if binding.changes, data.readOnly {
            notice = Alert(.warning, "This console is read-only: \(binding.shown) does nothing here.")
            return []
        }
        return perform(binding.command, data)
    }

    private mutating func confirmationKey(_ event: KeyEvent, _ data: ConsoleData) -> [Action] {
        switch confirmation?.handle(event) {
        case .cancelled:
            confirmation = nil
            notice = Alert(.info, "Cancelled; nothing was changed.")
            return []
        case .confirmed:
            let request = confirmation?.request
            confirmation = nil
            return request.map { [.leave($0)] } ?? []
        case .stays, nil: return []
        }
    }

    private mutating func filterKey(
        _ event: KeyEvent, _ field: WritableKeyPath<ViewState, TextField>,
        _ isOpen: WritableKeyPath<ViewState, Bool>
    ) -> [Action] {
        if self[keyPath: field].handle(event) { return [] }
        if event == .escape { self[keyPath: field] = TextField() }
        if event == .escape || event == .enter { self[keyPath: isOpen] = false }
        return []
    }

    private mutating func perform(_ command: KeyCommand, _ data: ConsoleData) -> [Action] {
        switch command {
        case .showDashboard: return show(.dashboard, data)
        case .showTables: return show(.tables, data)
        case .showLog: return show(.log, data)
        case .showIncidents: return show(.incidents, data)
        case .errorPolicy: return changePolicy(data)
        case .retryTable: return retryTable(data)
        case .excludeTable: return excludeTable(data)
        case .showGuide:
            let kind =
                guideKind.cutoverSide == nil ? guideKind : GuideKind(for: data.status?.phase ?? .prepare)
            return openGuide(kind, data)
        case .showCutover: return openGuide(.cutover(in: data.status?.phase ?? .prepare), data)
        case .openGuide: return openGuide(GuideKind(for: data.status?.phase ?? .prepare), data)
        case .nextGuide: return openGuide(guideKind.neighbour(1), data)
        case .previousGuide: return openGuide(guideKind.neighbour(-1), data)
        case .help:
            helpIsOpen = true
            return []
        case .quit: return keepAnswers(data) + [.quit]
        case .interrupt:
            notice = Alert(
                .info, "q leaves the console (^Q inside a form). The migration continues either way.")
            return []
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .up: return move(.up, data)
        case .down: return move(.down, data)
        case .pageUp: return move(.pageUp, data)
        case .pageDown: return move(.pageDown, data)
        case .top: return move(.top, data)
        case .bottom: return move(.bottom, data)
        case .filter:
            if tab == .tables { tables.isFiltering = true } else { log.isFiltering = true }
            return []
        case .sort:
            tables.sort = tables.sort.next
            return []
        case .reverseSort:
            tables.descending.toggle()
            return []
        case .follow:
            log.follows.toggle()
            return []
        case .level:
            log.level = log.level.next
            return []
        case .forward: return forward(data)
        case .back: return back(data)
        case .focusNext: return moveFocus(1, data)
        case .focusPrevious: return moveFocus(-1, data)
        case .toggle:
            guide?.form.toggle()
            return []
        case .choiceNext:
            guide?.form.choose(1)
            return []
        case .choicePrevious:
            guide?.form.choose(-1)
            return []
        case .again: return again(data)
        case .abortCutover: return abortCutover(data)
        case .release: return release(data)
        case .startWorker: return [.startWorker]
        case .dialogFocus, .dialogPress, .dialogCancel: return []  // The dialog handles its keys itself.
        }
    }

    private mutating func show(_ tab: Tab, _ data: ConsoleData) -> [Action] {
        let actions = keepAnswers(data)
        self.tab = tab
        return actions
    }

    private mutating func openGuide(_ kind: GuideKind, _ data: ConsoleData) -> [Action] {
        let actions = keepAnswers(data)
        open(kind, data)
        return actions
    }

    private mutating func move(_ movement: Scroll.Movement, _ data: ConsoleData) -> [Action] {
        switch tab {
        case .dashboard: dashboardScroll.move(movement, count: data.status?.tables.count ?? 0)
        case .tables: tables.scroll.move(movement, count: tables.rows(data).count)
        case .log:
            let count = log.lines(data).count
            if log.follows { log.scroll.selected = count - 1 }
            log.scroll.move(movement, count: count)
            log.follows = movement == .bottom
        case .incidents: incidentsScroll.move(movement, count: data.incidents.count)
        case .guide:
            if let guide { self.guide?.scroll.move(movement, count: guide.lineCount(data)) }
        }
        return []
    }

    private mutating func moveFocus(_ step: Int, _ data: ConsoleData) -> [Action] {
        guide?.form.moveFocus(step)
        return keepAnswers(data)
    }

    /// Stores the connection forms when the focus leaves a field, so that a crash of the console loses no
    /// answer.
    private func keepAnswers(_ data: ConsoleData) -> [Action] {
        guard tab == .guide, guideKind == .prepare, guide?.step == .ask, !data.readOnly,
            let form = guide?.form, case .success(let forms) = Guide.databases(from: form),
            forms != data.forms
        else { return [] }
        return [.keep(forms)]
    }

    private mutating func abortCutover(_ data: ConsoleData) -> [Action] {
        guard let cutover = data.status?.cutoverUnderWay, cutover.canAbort else {
            notice = Alert(.info, "No cutover is under way, so there is nothing to abort.")
            return []
        }
        return [.leave(.abortCutover)]
    }

    /// Changes the policy from stopping at an incident to stashing it, or back.
    private mutating func changePolicy(_ data: ConsoleData) -> [Action] {
        guard var rules = data.status?.incidentRules else { return [] }
        rules.policy = rules.policy == .stop ? .stash : .stop
        return [.leave(.setErrorPolicy(rules))]
    }

    /// Returns the chosen table if its note is one of these; else says why the key does nothing.
    private mutating func chosenSetAside(_ data: ConsoleData, _ words: Set<TableNote.Word>) -> TableStatus? {
        let rows = tables.rows(data)
        guard rows.indices.contains(tables.scroll.selected) else { return nil }
        let table = rows[tables.scroll.selected]
        guard let note = table.note, words.contains(note.word) else {
            notice = Alert(
                .info, "\(table.name) is \(table.note == nil ? "applied like any other" : "not set aside").")
            return nil
        }
        return table
    }

    private mutating func retryTable(_ data: ConsoleData) -> [Action] {
        chosenSetAside(data, [.setAside]).map { [.leave(.retryTable($0.name))] } ?? []
    }

    private mutating func excludeTable(_ data: ConsoleData) -> [Action] {
        guard let table = chosenSetAside(data, [.setAside, .catchingUp, .new]) else { return [] }
        confirmation = .exclude(table)
        return [.dropTypeAhead]
    }

    private mutating func release(_ data: ConsoleData) -> [Action] {
        guard let status = data.status, let cutover = status.cutoverUnderWay, cutover.awaitsApproval else {
            notice = Alert(.info, "No cutover awaits approval.")
            return []
        }
        confirmation = .release(cutover, status)
        return [.dropTypeAhead]
    }
}
