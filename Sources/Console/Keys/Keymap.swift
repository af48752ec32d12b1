/// The table of all keys. The hint line, the help, the palette, the documentation and the meaning of a key
/// come from it.
package struct Keymap: Sendable, Equatable {
    package private(set) var bindings: [KeyBinding]

    package init(bindings: [KeyBinding]) { self.bindings = bindings }

    /// Returns what the key means on that page; nil if nothing.
    package func binding(for key: KeyEvent, on page: PageID) -> KeyBinding? {
        bindings.first { $0.applies(on: page) && $0.keys.contains(key) }
    }

    package func bindings(on page: PageID) -> [KeyBinding] { bindings.filter { $0.applies(on: page) } }

    package subscript(command: Command) -> KeyBinding? { bindings.first { $0.command == command } }

    /// Replaces the keys of commands.
    package func replacing(_ keys: [Command: [KeyEvent]]) -> Keymap {
        Keymap(
            bindings: bindings.map { binding in
                var binding = binding
                if let other = keys[binding.command] { binding.keys = other }
                return binding
            })
    }

    /// Two commands that have one key on one page; nil if there are none.
    package var conflict: (key: KeyEvent, first: Command, second: Command)? {
        for page in PageID.allCases {
            var seen: [KeyEvent: Command] = [:]
            for binding in bindings(on: page) {
                for key in binding.keys {
                    if let other = seen[key], other != binding.command {
                        return (key, other, binding.command)
                    }
                    seen[key] = binding.command
                }
            }
        }
        return nil
    }
}

extension Keymap {
    private static let guided: Set<PageID> = [.connection, .choice, .schema, .live, .cutover, .end]
    /// The pages whose list has a filter and orders.
    package static let listed: Set<PageID> = [
        .migrations, .tables, .choice, .log, .alerts, .incidents, .connection, .schema, .verification,
        .differences, .sessions,
    ]

    /// The keys as they are without `keys.yaml`. An uppercase letter has large consequences, has one meaning
    /// everywhere, and asks.
    package static let standard = Keymap(bindings: pageBindings + listBindings + actionBindings + ownBindings)

    private static let pageBindings = [
        KeyBinding(.showDashboard, [.character("1"), .function(2)], hint: "Dash", help: "dashboard"),
        KeyBinding(.showTables, [.character("2"), .function(3)], hint: "Tables", help: "tables"),
        KeyBinding(.showLog, [.character("3"), .function(4)], hint: "Log", help: "event log"),
        KeyBinding(
            .showPhase, [.character("4"), .function(5)], hint: "Guide", help: "guide of the present phase"),
        KeyBinding(.showCutover, [.character("5"), .function(6)], hint: "Cutover", help: "cutover"),
        KeyBinding(
            .showVerification, [.character("6"), .function(7)], hint: "Verify", help: "verification"),
        KeyBinding(.showSettings, [.character("7"), .function(8)], hint: "Settings", help: "settings"),
        KeyBinding(
            .showChoice, [.character("8"), .function(9)], help: "choice of the tables to migrate"),
        KeyBinding(.showAlerts, [.character("!")], hint: "needs you", help: "what needs you"),
        KeyBinding(.showIncidents, [.character("i")], help: "incidents"),
        KeyBinding(.showMigrations, [.character("m")], help: "all migrations"),
        KeyBinding(.showThemes, [.control("t")], help: "themes, painted as you choose"),
        KeyBinding(.palette, [.character(":")], hint: "command", help: "all commands, by name"),
        KeyBinding(.help, [.character("?"), .function(1)], hint: "help", help: "keys of this page"),
    ]

    private static let listBindings = [
        KeyBinding(.up, [.up, .character("k")], help: "line up"),
        KeyBinding(.down, [.down, .character("j")], help: "line down"),
        KeyBinding(.pageUp, [.pageUp, .control("u")], help: "page up"),
        KeyBinding(.pageDown, [.pageDown, .control("d")], help: "page down"),
        KeyBinding(.top, [.home], help: "first line"),
        KeyBinding(.bottom, [.end], help: "last line"),
        KeyBinding(.open, [.enter], hint: "open", help: "open, choose, press the button"),
        KeyBinding(.back, [.escape], help: "close the topmost thing, go back"),
        KeyBinding(.nextField, [.tab], hint: "field", help: "next field", on: guided),
        KeyBinding(.previousField, [.backTab], help: "previous field", on: guided),
        KeyBinding(
            .choose, [.character(" ")], hint: "choose", help: "turn a switch, choose an entry",
            on: guided.union([.fileChange])),
        KeyBinding(
            .chooseAll, [.character("+")], hint: "all", help: "choose all tables in view", on: [.choice],
            .changes),
        KeyBinding(
            .chooseNone, [.character("0")], hint: "none", help: "choose no table in view", on: [.choice],
            .changes),
        KeyBinding(.nextChoice, [.right], help: "next entry of a choice", on: guided),
        KeyBinding(.previousChoice, [.left], help: "previous entry of a choice", on: guided),
        KeyBinding(.nextPage, [.control("n")], hint: "next", help: "next page of the guide", on: guided),
        KeyBinding(.previousPage, [.control("p")], help: "previous page of the guide", on: guided),
        KeyBinding(
            .filter, [.character("/")], hint: "filter", help: "filter: text, !without, ~letters in order",
            on: listed),
        KeyBinding(.sort, [.character("o")], hint: "sort", help: "sort by the next column", on: listed),
        KeyBinding(.reverseSort, [.character("-")], help: "reverse the order", on: listed),
        KeyBinding(.columns, [.character("v")], hint: "columns", help: "other columns", on: [.tables]),
        KeyBinding(
            .freeze, [.character(" ")], help: "freeze the numbers; work continues",
            on: [.dashboard, .tables]),
        KeyBinding(.zoom, [.character("z")], hint: "zoom", help: "one panel alone", on: [.dashboard]),
        KeyBinding(.follow, [.character("s")], hint: "follow", help: "follow the newest line", on: [.log]),
        KeyBinding(.level, [.character("l")], hint: "level", help: "all, warnings, errors", on: [.log]),
        KeyBinding(
            .again, [.character("r")], hint: "again", help: "check again, analyze again",
            on: [.connection, .schema, .cutover]),
        KeyBinding(
            .details, [.character("d")], hint: "details", help: "everything about the line",
            on: [.connection, .choice, .schema, .cutover, .live, .alerts, .verification]),
        KeyBinding(.copy, [.character("y")], help: "copy the line or its SQL"),
        KeyBinding(.copyPage, [.control("y")], help: "copy the whole page"),
        KeyBinding(.screenshot, [.character("p")], help: "write the screen to files"),
        KeyBinding(
            .edit, [.character("e")], hint: "edit", help: "open the file in $EDITOR",
            on: [.schema, .settings]),
    ]

    private static let actionBindings = [
        KeyBinding(.startWorker, [.character("w")], help: "start the worker, retry a role", .changes),
        KeyBinding(
            .acknowledge, [.character("a")], hint: "acknowledge", help: "acknowledge", on: [.alerts],
            .changes),
        KeyBinding(
            .verify, [.character("v")], hint: "verify", help: "verify rows in the worker, or no longer",
            on: [.verification], .changes),
        KeyBinding(
            .repairSQL, [.character("g")], hint: "repair",
            help: "write the SQL that mends the rows to a file",
            on: [.verification]),
        KeyBinding(
            .retryTable, [.character("t")], help: "check a table again that is set aside",
            on: [.tables], .changes),
        KeyBinding(
            .fix, [.character("f")], hint: "fix",
            help: "run the SQL that mends it, or change the file, after a question",
            on: [.connection, .schema], .changes),
        KeyBinding(
            .waive, [.character("u")], hint: "waive", help: "waive a gate or a finding, with a reason",
            on: [.cutover, .schema], .changes),
        KeyBinding(
            .accept, [.character("c")], hint: "accept", help: "accept a difference or a finding",
            on: [.cutover, .differences, .schema], .changes),
        KeyBinding(.abortCutover, [.character("A")], hint: "ABORT", help: "abort the cutover", .asks),
        KeyBinding(.release, [.character("R")], hint: "RELEASE", help: "release the application", .asks),
        KeyBinding(
            .endSession, [.character("T")], hint: "end session", help: "end the session in the way",
            on: [.cutover, .alerts, .sessions], .asks),
        KeyBinding(
            .excludeTable, [.character("X")], help: "exclude a table for good", on: [.tables], .asks),
        KeyBinding(
            .errorPolicy, [.character("P")], hint: "policy", help: "stop at incidents, or stash them",
            on: [.incidents, .settings], .asks),
        KeyBinding(.takeWheel, [.character("x")], help: "take the wheel from another console", .changes),
    ]

    private static let ownBindings = [
        KeyBinding(.redraw, [.control("l")], help: "redraw the screen"),
        KeyBinding(.suspend, [.control("z")], help: "suspend; work continues"),
        KeyBinding(.interrupt, [.control("c")], help: "close what is open; never ends the migration"),
        KeyBinding(
            .quit, [.character("q"), .control("q")], hint: "quit",
            help: "leave the page, or the console; work continues"),
    ]
}
