import Engine
import Records

extension ViewState {
    /// What a key does. The topmost thing open gets it first.
    package mutating func key(_ event: KeyEvent, _ picture: Picture) -> [Action] {
        notice = nil
        if confirmation != nil { return confirmationKey(event, picture) }
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
        if binding.changes, picture.readOnly {
            notice = Alert(.warning, "This console is read-only: \(binding.shown) does nothing here.")
            return []
        }
        return perform(binding.command, picture)
    }

    private mutating func confirmationKey(_ event: KeyEvent, _ picture: Picture) -> [Action] {
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

    private mutating func perform(_ command: Command, _ picture: Picture) -> [Action] {
        switch command {
        case .showDashboard: return show(.dashboard, picture)
        case .showTables: return show(.tables, picture)
        case .showLog: return show(.log, picture)
        case .showIncidents: return show(.incidents, picture)
        case .errorPolicy: return changePolicy(picture)
        case .retryTable: return retryTable(picture)
        case .excludeTable: return excludeTable(picture)
        case .showGuide:
            let kind =
                guideKind.cutoverSide == nil ? guideKind : GuideKind(for: picture.status?.phase ?? .prepare)
            return openGuide(kind, picture)
        case .showCutover: return openGuide(.cutover(in: picture.status?.phase ?? .prepare), picture)
        case .openGuide: return openGuide(GuideKind(for: picture.status?.phase ?? .prepare), picture)
        case .nextGuide: return openGuide(guideKind.neighbour(1), picture)
        case .previousGuide: return openGuide(guideKind.neighbour(-1), picture)
        case .help:
            helpIsOpen = true
            return []
        case .quit: return keepAnswers(picture) + [.quit]
        case .interrupt:
            notice = Alert(
                .info, "q leaves the console (^Q inside a form). The migration continues either way.")
            return []
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .up, .down, .pageUp, .pageDown, .top, .bottom:
            move(command, picture)
            return []
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
        case .forward: return forward(picture)
        case .back: return back(picture)
        case .focusNext: return moveFocus(1, picture)
        case .focusPrevious: return moveFocus(-1, picture)
        case .toggle:
            guide?.form.toggle()
            return []
        case .choiceNext:
            guide?.form.choose(1)
            return []
        case .choicePrevious:
            guide?.form.choose(-1)
            return []
        case .again: return again(picture)
        case .abortCutover: return abortCutover(picture)
        case .release: return release(picture)
        case .startWorker: return [.startWorker]
        case .dialogFocus, .dialogPress, .dialogCancel: return []  // The dialog takes its keys itself.
        }
    }

    private mutating func show(_ tab: Tab, _ picture: Picture) -> [Action] {
        let actions = keepAnswers(picture)
        self.tab = tab
        return actions
    }

    private mutating func openGuide(_ kind: GuideKind, _ picture: Picture) -> [Action] {
        let actions = keepAnswers(picture)
        open(kind, picture)
        return actions
    }

    private mutating func move(_ command: Command, _ picture: Picture) {
        switch tab {
        case .dashboard: dashboardScroll.move(command, count: picture.status?.tables.count ?? 0)
        case .tables: tables.scroll.move(command, count: tables.rows(picture).count)
        case .log:
            let count = log.lines(picture).count
            if log.follows { log.scroll.selected = count - 1 }
            log.scroll.move(command, count: count)
            log.follows = command == .bottom
        case .incidents: incidentsScroll.move(command, count: picture.incidents.count)
        case .guide:
            guard let guide else { return }
            self.guide?.scroll.move(command, count: guide.lineCount(picture))
        }
    }

    private mutating func moveFocus(_ step: Int, _ picture: Picture) -> [Action] {
        guide?.form.moveFocus(step)
        return keepAnswers(picture)
    }

    /// Keeps the connection forms as soon as a field is left, so that nothing typed is lost with the console.
    private func keepAnswers(_ picture: Picture) -> [Action] {
        guard tab == .guide, guideKind == .prepare, guide?.step == .ask, !picture.readOnly,
            let form = guide?.form, case .success(let forms) = Guide.databases(from: form),
            forms != picture.forms
        else { return [] }
        return [.keep(forms)]
    }

    private mutating func abortCutover(_ picture: Picture) -> [Action] {
        guard let cutover = picture.status?.cutoverUnderWay, cutover.canAbort else {
            notice = Alert(.info, "No cutover is under way, so there is nothing to abort.")
            return []
        }
        return [.leave(.abortCutover)]
    }

    /// From stopping at an incident to setting it aside, and back.
    private mutating func changePolicy(_ picture: Picture) -> [Action] {
        guard var rules = picture.status?.incidentRules else { return [] }
        rules.policy = rules.policy == .stop ? .setAside : .stop
        return [.leave(.setErrorPolicy(rules))]
    }

    /// The chosen table, where its changes are not applied for now.
    private mutating func chosenHeld(_ picture: Picture, _ words: Set<TableNote.Word>) -> TableStatus? {
        let rows = tables.rows(picture)
        guard rows.indices.contains(tables.scroll.selected) else { return nil }
        let table = rows[tables.scroll.selected]
        guard let note = table.note, words.contains(note.word) else {
            notice = Alert(
                .info, "\(table.name) is \(table.note == nil ? "applied like any other" : "not held").")
            return nil
        }
        return table
    }

    private mutating func retryTable(_ picture: Picture) -> [Action] {
        chosenHeld(picture, [.setAside]).map { [.leave(.retryTable($0.name))] } ?? []
    }

    private mutating func excludeTable(_ picture: Picture) -> [Action] {
        guard let table = chosenHeld(picture, [.setAside, .catchingUp, .new]) else { return [] }
        confirmation = .exclude(table)
        return [.dropTypeAhead]
    }

    private mutating func release(_ picture: Picture) -> [Action] {
        guard let status = picture.status, let cutover = status.cutoverUnderWay, cutover.awaitsApproval else {
            notice = Alert(.info, "No cutover waits for its release.")
            return []
        }
        confirmation = .release(cutover, status)
        return [.dropTypeAhead]
    }
}
