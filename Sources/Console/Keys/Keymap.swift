/// One row of the keymap: keys, contexts, and the words for the hint line and the help.
package struct KeyBinding: Sendable {
    package let command: KeyCommand
    /// The first one is shown in the hint line, all of them on the help page.
    package let keys: [KeyEvent]
    /// The word in the hint line; empty if the line leaves the key out.
    package let hint: String
    package let help: String
    /// Empty: everywhere except in a confirmation.
    package let contexts: Set<KeyContext>
    /// Whether it changes something of the migration; a read-only console ignores such keys.
    package let changes: Bool

    init(
        _ command: KeyCommand, _ keys: [KeyEvent], hint: String = "", help: String,
        in contexts: Set<KeyContext> = [], changes: Bool = false
    ) {
        self.command = command
        self.keys = keys
        self.hint = hint
        self.help = help
        self.contexts = contexts
        self.changes = changes
    }

    package var shown: String { keys.first?.name ?? "" }

    package func applies(in context: KeyContext) -> Bool {
        contexts.isEmpty ? context != .confirmation : contexts.contains(context)
    }
}

/// The table of all keys. The hint line, the help page and the meaning of a key come from it.
package enum Keymap {
    private static let views: Set<KeyContext> = [.dashboard, .tables, .log, .incidents, .guide]

    package static let bindings: [KeyBinding] = [
        KeyBinding(.showDashboard, [.character("1"), .function(2)], hint: "Dash", help: "dashboard"),
        KeyBinding(.showTables, [.character("2"), .function(3)], hint: "Tables", help: "tables"),
        KeyBinding(.showLog, [.character("3"), .function(4)], hint: "Log", help: "event log"),
        KeyBinding(.showGuide, [.character("4"), .function(5)], hint: "Guide", help: "guide opened last"),
        KeyBinding(.showCutover, [.character("5"), .function(6)], hint: "Cutover", help: "cutover"),
        KeyBinding(.openGuide, [.character("g"), .function(7)], help: "guide of this phase"),
        KeyBinding(.showIncidents, [.character("i")], help: "incidents"),
        KeyBinding(
            .errorPolicy, [.character("P")], hint: "policy", help: "stop, or stash incidents",
            in: [.incidents], changes: true),
        KeyBinding(
            .abortCutover, [.character("A")], hint: "ABORT", help: "abort the cutover",
            in: views,
            changes: true),
        KeyBinding(
            .release, [.character("R")], hint: "RELEASE", help: "approve the release", in: views,
            changes: true),
        KeyBinding(.forward, [.enter], hint: "next", help: "continue, press button", in: [.guide, .form]),
        KeyBinding(.focusNext, [.tab, .down], hint: "field", help: "next field", in: [.form]),
        KeyBinding(.focusPrevious, [.backTab, .up], help: "previous field", in: [.form]),
        KeyBinding(.toggle, [.character(" ")], hint: "switch", help: "turn a switch on or off", in: [.form]),
        KeyBinding(.choiceNext, [.right], help: "next choice", in: [.form]),
        KeyBinding(.choicePrevious, [.left], help: "previous choice", in: [.form]),
        KeyBinding(.again, [.character("r")], hint: "again", help: "again from the checks", in: [.guide]),
        KeyBinding(.up, [.up, .character("k")], help: "line up", in: views),
        KeyBinding(.down, [.down, .character("j")], help: "line down", in: views),
        KeyBinding(.pageUp, [.pageUp, .control("u")], help: "page up", in: views),
        KeyBinding(.pageDown, [.pageDown, .control("d")], help: "page down", in: views),
        KeyBinding(.top, [.home], help: "first line", in: views),
        KeyBinding(.bottom, [.end, .character("G")], help: "last line", in: views),
        KeyBinding(
            .filter, [.character("/")], hint: "filter", help: "filter by text",
            in: [.tables, .log]),
        KeyBinding(.sort, [.character("o")], hint: "sort", help: "sort by the next column", in: [.tables]),
        KeyBinding(.reverseSort, [.character("O")], help: "reverse the order", in: [.tables]),
        KeyBinding(
            .retryTable, [.character("t")], help: "retry a table set aside", in: [.tables],
            changes: true),
        KeyBinding(
            .excludeTable, [.character("X")], help: "exclude table for good", in: [.tables],
            changes: true),
        KeyBinding(.follow, [.character("s")], hint: "follow", help: "follow the newest line", in: [.log]),
        KeyBinding(.level, [.character("l")], hint: "level", help: "all, warnings, errors", in: [.log]),
        KeyBinding(
            .back, [.escape], hint: "back", help: "back",
            in: [.tables, .log, .incidents, .guide, .form]),
        KeyBinding(.nextGuide, [.control("n")], hint: "next guide", help: "next guide", in: [.guide, .form]),
        KeyBinding(.previousGuide, [.control("p")], help: "previous guide", in: [.guide, .form]),
        KeyBinding(.startWorker, [.character("W")], help: "start the worker now", in: views, changes: true),
        KeyBinding(
            .dialogFocus, [.tab, .backTab], hint: "button", help: "other button, once the name matches",
            in: [.confirmation]),
        KeyBinding(
            .dialogPress, [.enter], hint: "press", help: "press the button, once the name matches",
            in: [.confirmation]),
        KeyBinding(
            .dialogCancel, [.escape, .control("c")], hint: "cancel", help: "close; nothing is done",
            in: [.confirmation]),
        KeyBinding(.redraw, [.control("l")], help: "redraw the screen"),
        KeyBinding(.suspend, [.control("z")], help: "suspend; work continues"),
        KeyBinding(.interrupt, [.control("c")], help: "close what is open"),
        KeyBinding(.help, [.character("?"), .function(1)], hint: "help", help: "this page"),
        KeyBinding(
            .quit, [.character("q"), .control("q")], hint: "quit", help: "quit; work continues"),
    ]

    /// Returns what the key means in that context, nil if nothing.
    package static func binding(for key: KeyEvent, in context: KeyContext) -> KeyBinding? {
        bindings.first { $0.applies(in: context) && $0.keys.contains(key) }
    }

    package static func bindings(in context: KeyContext) -> [KeyBinding] {
        bindings.filter { $0.applies(in: context) }
    }
}
