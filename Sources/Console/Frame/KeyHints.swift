import Engine

extension Canvas {
    /// Draws the hint line from the keymap: the pages first, then the keys of this page. While text is typed,
    /// letters are text, so only other keys are shown.
    mutating func drawHints(_ state: ConsoleState, _ data: ConsoleData, row: Int) {
        let gap = columns >= 120 ? 2 : 1
        let shown = state.keymap.bindings(on: state.page.id).filter { isHinted($0, state, data) }
        let tabs = shown.filter { $0.pages.isEmpty && $0.command.page != nil }
        let always = shown.filter { $0.pages.isEmpty && $0.command.page == nil }
        let own = shown.filter { !$0.pages.isEmpty }
        let reserved = always.reduce(0) { $0 + textWidth(hintKey($1, state) + $1.hint) + 1 + gap }
        var column = 1
        for binding in own + tabs + always {
            let isAlways = binding.pages.isEmpty && binding.command.page == nil
            let key = hintKey(binding, state)
            let width = textWidth(key + binding.hint) + 1
            if !isAlways, column + width + gap + reserved > columns { continue }
            let end = write(key, row: row, column: column, token: .keyHint)
            let token: Token =
                binding.command.page == state.page.id
                ? .selectionUnfocused : binding.effect == .asks ? .statusWarn : .keyLabel
            column = write(binding.hint, row: row, column: end + 1, token: token) + gap
        }
    }

    /// The key that is shown: while text is typed, the first that is no letter.
    private func hintKey(_ binding: KeyBinding, _ state: ConsoleState) -> String {
        guard state.page.takesText else { return binding.shown }
        return binding.keys.first { !$0.isCharacter }?.name ?? ""
    }

    /// Whether the key has an effect now. The hint line leaves others out; the help lists all.
    private func isHinted(_ binding: KeyBinding, _ state: ConsoleState, _ data: ConsoleData) -> Bool {
        if binding.hint.isEmpty || (binding.effect != .none && data.readOnly) { return false }
        if state.page.takesText, binding.keys.allSatisfy(\.isCharacter) { return false }
        return state.refusal(of: binding.command, data) == nil
    }
}

extension KeyEvent {
    /// Whether it types a character.
    fileprivate var isCharacter: Bool {
        if case .character = self { true } else { false }
    }
}

extension Command {
    /// The page that the command opens; nil for other commands.
    fileprivate var page: PageID? {
        switch self {
        case .showDashboard: .dashboard
        case .showTables: .tables
        case .showLog: .log
        case .showPhase: .live
        case .showCutover: .cutover
        case .showVerification: .verification
        case .showSettings: .settings
        case .showAlerts: .alerts
        default: nil
        }
    }
}
