/// One row of the keymap: what is pressed, where it works, and the words for the hint line and the help.
package struct KeyBinding: Sendable {
    package let command: Command
    package let keys: [KeyEvent]
    /// The keys as shown: `1`, `Tab`, `^L`.
    package let shown: String
    /// A word for the hint line; empty keeps the key off it.
    package let hint: String
    package let help: String
    /// Empty: everywhere but in a confirmation.
    package let contexts: Set<KeyContext>
    /// Whether it asks something of the migration; such keys are dead in a read-only console.
    package let changes: Bool

    init(
        _ command: Command, _ keys: [KeyEvent], _ shown: String, hint: String = "", help: String,
        in contexts: Set<KeyContext> = [], changes: Bool = false
    ) {
        self.command = command
        self.keys = keys
        self.shown = shown
        self.hint = hint
        self.help = help
        self.contexts = contexts
        self.changes = changes
    }

    package func applies(in context: KeyContext) -> Bool {
        contexts.isEmpty ? context != .confirmation : contexts.contains(context)
    }
}

/// The one table of keys. The hint line, the help page and the meaning of a key all come from here.
package enum Keymap {
    package static let bindings: [KeyBinding] = [
        KeyBinding(
            .showDashboard, [.character("1"), .function(2)], "1", hint: "Dash",
            help: "dashboard (F2 inside a form)"),
        KeyBinding(.showTables, [.character("2"), .function(3)], "2", hint: "Tables", help: "tables (F3)"),
        KeyBinding(.showLog, [.character("3"), .function(4)], "3", hint: "Log", help: "event log (F4)"),
        KeyBinding(
            .showGuide, [.character("4"), .function(5)], "4", hint: "Guide", help: "guide last looked at (F5)"
        ),
        KeyBinding(
            .showCutover, [.character("5"), .function(6)], "5", hint: "Cutover", help: "cutover (F6)"),
        KeyBinding(
            .openGuide, [.character("g"), .function(7)], "g", help: "guide of the current phase (F7)"),
        KeyBinding(
            .forward, [.enter], "Enter", hint: "on", help: "go on, or press the button in focus",
            in: [.guide, .form, .confirmation]),
        KeyBinding(
            .focusNext, [.tab, .down], "Tab", hint: "field", help: "next field (also Down)",
            in: [.form, .confirmation]),
        KeyBinding(
            .focusPrevious, [.backTab, .up], "Shift-Tab", help: "field before (also Up)", in: [.form]),
        KeyBinding(
            .toggle, [.character(" ")], "Space", hint: "switch", help: "turn a switch on or off", in: [.form]),
        KeyBinding(.choiceNext, [.right], "Right", help: "next choice", in: [.form]),
        KeyBinding(.choicePrevious, [.left], "Left", help: "choice before", in: [.form]),
        KeyBinding(
            .again, [.character("r")], "r", hint: "again", help: "ask again from the checks on", in: [.guide]),
        KeyBinding(
            .abortCutover, [.character("A")], "A", hint: "ABORT",
            help: "abort the cutover and undo its steps",
            in: [.dashboard, .tables, .log, .guide], changes: true),
        KeyBinding(
            .release, [.character("R")], "R", hint: "RELEASE",
            help: "release the application of a cutover that is held",
            in: [.dashboard, .tables, .log, .guide], changes: true),
        KeyBinding(
            .startWorker, [.character("W")], "W", help: "start the worker now",
            in: [.dashboard, .tables, .log, .guide], changes: true),
        KeyBinding(
            .up, [.up, .character("k")], "Up", help: "line up (also k)",
            in: [.dashboard, .tables, .log, .guide]),
        KeyBinding(
            .down, [.down, .character("j")], "Down", help: "line down (also j)",
            in: [.dashboard, .tables, .log, .guide]),
        KeyBinding(
            .pageUp, [.pageUp, .control("u")], "PgUp", help: "page up (also ^U)",
            in: [.dashboard, .tables, .log, .guide]),
        KeyBinding(
            .pageDown, [.pageDown, .control("d")], "PgDn", help: "page down (also ^D)",
            in: [.dashboard, .tables, .log, .guide]),
        KeyBinding(
            .top, [.home], "Home", help: "first line", in: [.dashboard, .tables, .log, .guide]),
        KeyBinding(
            .bottom, [.end, .character("G")], "End", help: "last line (also G)",
            in: [.dashboard, .tables, .log, .guide]),
        KeyBinding(
            .filter, [.character("/")], "/", hint: "filter", help: "show only lines with this text",
            in: [.tables, .log]),
        KeyBinding(
            .sort, [.character("o")], "o", hint: "sort", help: "sort by the next column", in: [.tables]),
        KeyBinding(.reverseSort, [.character("O")], "O", help: "turn the order round", in: [.tables]),
        KeyBinding(
            .follow, [.character("s")], "s", hint: "follow", help: "follow the newest line", in: [.log]),
        KeyBinding(
            .level, [.character("l")], "l", hint: "level", help: "all lines, warnings, errors", in: [.log]),
        KeyBinding(
            .back, [.escape], "Esc", hint: "back", help: "one step back; never ends the console",
            in: [.tables, .log, .guide, .form, .confirmation]),
        KeyBinding(
            .nextGuide, [.control("n")], "^N", hint: "next guide", help: "next guide", in: [.guide, .form]),
        KeyBinding(.previousGuide, [.control("p")], "^P", help: "guide before", in: [.guide, .form]),
        KeyBinding(.redraw, [.control("l")], "^L", help: "draw everything anew"),
        KeyBinding(
            .suspend, [.control("z")], "^Z", help: "put the console to the background; the migration goes on"),
        KeyBinding(.interrupt, [.control("c")], "^C", help: "close what is open; never ends a migration"),
        KeyBinding(
            .help, [.character("?"), .function(1)], "?", hint: "help", help: "this page (F1 inside a form)"),
        KeyBinding(
            .quit, [.character("q"), .control("q")], "q", hint: "quit",
            help: "leave the console; the migration goes on (^Q in a form)"),
    ]

    /// What the key means there, nil where it means nothing.
    package static func binding(for key: KeyEvent, in context: KeyContext) -> KeyBinding? {
        bindings.first { $0.applies(in: context) && $0.keys.contains(key) }
    }

    package static func bindings(in context: KeyContext) -> [KeyBinding] {
        bindings.filter { $0.applies(in: context) }
    }
}
