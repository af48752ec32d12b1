/// One row of the keymap: a command with its keys, its pages and its words.
package struct KeyBinding: Sendable, Equatable {
    /// Effect of a command on the migration.
    package enum Effect: Sendable {
        /// It changes the screen alone.
        case none
        /// It changes something of the migration. A read-only console refuses it.
        case changes
        /// Its consequences are large: an uppercase key, which asks before anything is done.
        case asks
    }

    package let command: Command
    /// The first one is shown in the hint line, all of them in the help.
    package var keys: [KeyEvent]
    /// The word in the hint line; empty if the line leaves the key out.
    package let hint: String
    package let help: String
    /// The pages on which it has a meaning; empty for all.
    package let pages: Set<PageID>
    package let effect: Effect

    init(
        _ command: Command, _ keys: [KeyEvent], hint: String = "", help: String,
        on pages: Set<PageID> = [], _ effect: Effect = .none
    ) {
        self.command = command
        self.keys = keys
        self.hint = hint
        self.help = help
        self.pages = pages
        self.effect = effect
    }

    package var shown: String { keys.first?.name ?? "" }

    package func applies(on page: PageID) -> Bool { pages.isEmpty || pages.contains(page) }
}
