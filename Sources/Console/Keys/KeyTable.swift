/// The keymap as text: for the documentation and for a terminal without the console.
extension Keymap {
    private struct Row {
        let keys: String
        let command: String
        let pages: String
        let words: String
    }

    private var rows: [Row] {
        bindings.map { binding in
            Row(
                keys: binding.keys.map(\.name).joined(separator: " "), command: binding.command.rawValue,
                pages: binding.pages.isEmpty
                    ? "everywhere" : binding.pages.map(\.title).sorted().joined(separator: ", "),
                words: binding.help + binding.effect.words)
        }
    }

    /// The table of all keys in Markdown, as docs/console.md has it.
    package var markdown: String {
        let head = "| Keys | Command | Pages | What it does |\n|---|---|---|---|\n"
        return head
            + rows.map { row in
                let keys = row.keys.split(separator: " ").map { "`\($0)`" }.joined(separator: " ")
                return "| \(keys) | \(row.command) | \(row.pages) | \(row.words) |\n"
            }.joined()
    }

    /// The table of all keys in columns.
    package var text: String {
        rows.map { row in
            row.keys.padding(to: 16) + row.command.padding(to: 18) + row.words + "  (\(row.pages))\n"
        }.joined()
    }
}

extension KeyBinding.Effect {
    fileprivate var words: String {
        switch self {
        case .none, .changes: ""
        case .asks: "; asks first"
        }
    }
}
