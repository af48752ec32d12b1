import Engine

extension Canvas {
    /// Draws the hint line from the keymap: views first, then the keys of this view.
    mutating func drawHints(_ state: ViewState, _ data: ConsoleData, row: Int) {
        if (state.tab == .tables && state.tables.isFiltering) || (state.tab == .log && state.log.isFiltering)
        {
            let field = state.tab == .tables ? state.tables.filter : state.log.filter
            write(" filter ", row: row, column: 0, token: .keyLabel)
            input(field, row: row, column: 8, columns: 40, focused: true)
            write("Enter applies, Esc clears", row: row, column: 50, token: .textMuted)
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
            let token: Token = state.tabCommand == binding.command ? .selectionUnfocused : .keyLabel
            column = write(label(binding), row: row, column: end + 1, token: token) + gap
        }
    }

    /// Whether the key has an effect now. The hint line leaves others out; the help lists all.
    private func isHinted(_ binding: KeyBinding, _ state: ViewState, _ data: ConsoleData) -> Bool {
        if binding.hint.isEmpty || (binding.changes && data.readOnly) { return false }
        let cutover = data.status?.cutoverUnderWay
        let isActing = state.tab == .guide && state.guide?.step == .act
        switch binding.command {
        case .abortCutover: return cutover?.canAbort == true
        case .release: return cutover?.awaitsApproval == true
        case .forward, .again: return !isActing
        case .showDashboard, .showTables, .showLog, .showIncidents, .errorPolicy, .retryTable, .excludeTable,
            .showGuide, .showCutover, .openGuide, .nextGuide, .previousGuide, .help, .quit, .interrupt,
            .redraw,
            .suspend, .up, .down, .pageUp, .pageDown, .top, .bottom, .filter, .sort, .reverseSort, .follow,
            .level,
            .back, .focusNext, .focusPrevious, .toggle, .choiceNext, .choicePrevious, .startWorker,
            .dialogFocus,
            .dialogPress, .dialogCancel:
            return true
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
    /// The command of the tab in view; nil if the view has no tab in the hint line.
    fileprivate var tabCommand: KeyCommand? {
        switch tab {
        case .dashboard: .showDashboard
        case .tables: .showTables
        case .log: .showLog
        case .incidents: nil
        case .guide: guideKind.cutoverSide == nil ? .showGuide : .showCutover
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
