extension Canvas {
    /// Draws the help: the keys of this view, and the keys that work everywhere. Both come from the keymap.
    mutating func drawHelp(_ state: ViewState, _ data: ConsoleData, in area: Rectangle) {
        box(area, title: "Keys here: \(state.context.rawValue)   (any key closes)")
        let bindings = Keymap.bindings(in: state.context)
        let here = bindings.filter { !$0.contexts.isEmpty }
        let everywhere = bindings.filter { $0.contexts.isEmpty }
        let inner = area.inner
        let half = inner.columns / 2
        drawKeys(
            "In this view", here, readOnly: data.readOnly, column: inner.column + 1, half: half, in: inner)
        drawKeys(
            "Everywhere", everywhere, readOnly: data.readOnly, column: inner.column + half + 1, half: half,
            in: inner)
    }

    private mutating func drawKeys(
        _ title: String, _ bindings: [KeyBinding], readOnly: Bool, column: Int, half: Int, in area: Rectangle
    ) {
        write(title, row: area.row, column: column, token: .textStrong)
        var row = area.row + 1
        for binding in bindings where row < area.endRow {
            let keys = binding.keys.map(\.name).joined(separator: " ")
            write(keys, row: row, column: column, token: .keyHint)
            let isDead = readOnly && binding.changes
            let words = isDead ? binding.help + " (read-only: off)" : binding.help
            let lines = wrapped(words, to: half - 16)
            for line in lines where row < area.endRow {
                write(line, row: row, column: column + 15, token: isDead ? .textMuted : .keyLabel)
                row += 1
            }
        }
    }
}
