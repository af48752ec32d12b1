import Engine
import Glibc
import Records

/// The loop of the full-screen console. It waits for keys and signals, reads the engine's values a few times
/// a second, and draws what changed. Everything happens on the thread that called it.
final class ConsoleLoop {
    private let terminal: CursesTerminal
    private let signals: Signals
    private var session: ConsoleSession
    private var themes: ThemeWatch
    private let search: ThemeSearch
    /// The name of the theme in use; nil for the built-in one.
    private var themeName: String?
    private var bell = AlertBell()

    /// Time between two readings of the engine's values.
    private static let refreshSeconds = 0.25
    /// Longest time between two readings.
    private static let refreshSecondsMax = 2.0
    /// Times that a reading's duration passes until the next: it takes at most that share of a processor.
    private static let readingsShare = 30.0

    init(
        control: (any MigrationControl)?, options: ConsoleOptions, terminal: CursesTerminal, signals: Signals
    ) {
        self.terminal = terminal
        self.signals = signals
        session = ConsoleSession(control: control, options: options)
        search = ThemeSearch(directories: options.themeDirectories)
        themeName = options.themeName
        themes = ThemeWatch(search: search, name: options.themeName)
    }

    func run(firstNotice: String?) -> ConsoleOutcome {
        session.begin(firstNotice)
        var nextRead = 0.0
        while session.outcome == nil {
            // The time of day may be set back; this one may not.
            let now = monotonicSeconds()
            if now >= nextRead {
                for action in session.refresh() { perform(action) }
                followTheme(now)
                if session.data.own.settings.bell, bell.rings(for: session.data.openNeeds, at: now) {
                    terminal.ring()
                }
                // Where a reading takes long, as with thousands of tables, it is made less often.
                let took = monotonicSeconds() - now
                let pause = min(ConsoleLoop.refreshSecondsMax, took * ConsoleLoop.readingsShare)
                nextRead = now + max(ConsoleLoop.refreshSeconds, pause)
            }
            draw()
            wait(seconds: max(0, nextRead - monotonicSeconds()))
        }
        return session.outcome ?? .left
    }

    /// Takes over a theme whose file was changed.
    private func followTheme(_ now: Double) {
        switch themes.change(now: now) {
        case .theme(let theme): terminal.setTheme(theme)
        case .fault(let reason): session.say(Notice(.warning, reason))
        case nil: break
        }
    }

    private func draw() {
        let size = terminal.size
        var canvas = Canvas(rows: size.rows, columns: size.columns, symbols: terminal.symbols)
        render(session.state, session.data, onto: &canvas)
        terminal.draw(canvas)
    }

    private func wait(seconds: Double) {
        var descriptors = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        // Sound: the array has two structures, as the call says. An interrupted call counts as a wake.
        let ready = unsafe poll(&descriptors, 2, Int32(seconds * 1000) + 1)
        guard ready > 0 else { return }
        for wake in signals.takeWakes() {
            switch wake {
            case .resize: terminal.measure()
            case .leave: session.leave()
            case .suspend: terminal.suspend()
            }
        }
        if descriptors[0].revents & Int16(POLLIN) != 0 { takeKeys() }
        // The terminal is gone: leave.
        if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { session.leave() }
    }

    private func takeKeys() {
        while session.outcome == nil, let input = terminal.nextInput() {
            let key: KeyEvent
            switch input {
            case .key(let pressed): key = pressed
            case .mouse(let event):
                scroll(event)
                continue
            }
            // On a screen that is too small to be drawn, only q has a meaning.
            let size = terminal.size
            guard fits(rows: size.rows, columns: size.columns) else {
                if key == .character("q") { session.leave() }
                continue
            }
            for action in session.key(key) { perform(action) }
        }
    }

    /// Moves in the list of the page as the wheel of the mouse turns.
    private func scroll(_ event: MouseEvent) {
        let command: Command
        switch event.button {
        case .wheelUp: command = .up
        case .wheelDown: command = .down
        case .left, .middle, .right: return
        }
        for _ in 0..<ConsoleLoop.wheelLines { for action in session.run(command) { perform(action) } }
    }

    /// Lines that the wheel moves.
    private static let wheelLines = 3

    private func paint(_ name: String?) {
        let found = search.theme(named: name ?? themeName)
        if let warning = found.warning { session.say(Notice(.warning, warning)) }
        terminal.setTheme(found.theme)
    }

    private func keepTheme(_ name: String) {
        themeName = name
        themes = ThemeWatch(search: search, name: name)
        session.take(themeName: name)
        paint(name)
    }

    /// Performs what only a terminal can do.
    private func perform(_ action: Action) {
        switch action {
        case .redraw: terminal.redraw()
        case .suspend: terminal.suspend()
        case .dropTypeAhead: terminal.dropTypeAhead()
        case .copy(let text): session.say(terminal.copy(text).notice)
        case .screenshot: session.say(screenshot())
        case .edit(let path, let line): edit(path, line)
        case .paint(let name): paint(name)
        case .keepTheme(let name):
            keepTheme(name)
        case .leave, .leaveSeen, .keep, .writeRepairs, .startWorker, .openMigration, .takeWheel,
            .readGatesAgain, .quit, .show, .push, .pop,
            .run, .ask,
            .notice:
            break
        }
    }

    private func screenshot() -> Notice {
        do {
            let data = session.data
            let paths = try terminal.screenshot(
                page: session.state.page.id.rawValue, moment: data.now, utcOffset: data.utcOffset)
            return Notice(
                .info,
                paths.map { "The screen is in \($0.text) and, with colours, \($0.colours)." }
                    ?? "Nothing is shown yet.")
        } catch {
            return Notice(.error, "The screen was not written: \(error)")
        }
    }

    /// Opens a file in the operator's editor, and comes back when it ends.
    private func edit(_ path: String, _ line: Int) {
        let editor = Editor(environment: CursesTerminal.variables(Editor.variableNames))
        let files = session.data.own.files
        let isOwn = path == files.settings || path == files.keys
        do {
            if isOwn { try files.makeFolder() }
            let status = try terminal.whileAway { try editor.open(path, line: line) }
            guard status == 0 else {
                return session.say(
                    Notice(.warning, "The editor \(editor.name) ended with exit code \(status)."))
            }
            session.say(Notice(.info, "Edited \(path).\(isOwn ? " It is in use." : "")"))
            if isOwn { return followOwnFiles() }
            for action in session.edited() { perform(action) }
        } catch {
            session.say(Notice(.error, "\(error)"))
        }
    }
}

extension ConsoleLoop {
    /// Takes over the operator's own files after they were edited.
    private func followOwnFiles() {
        let before = session.data.own
        let own = before.files.read()
        session.take(own)
        terminal.setSettings(own.settings)
        if own.settings.theme != before.settings.theme {
            keepTheme(own.settings.theme ?? Theme.terminal.name)
        }
        if let warning = own.warning { session.say(Notice(.warning, warning)) }
    }
}

extension Clipboard.Outcome {
    /// What the operator is told.
    fileprivate var notice: Notice {
        switch self {
        case .sent(let characters): Notice(.info, "Copied \(counted(characters, "character")).")
        case .written(let path, .terminalHasNoClipboard):
            Notice(.info, "This terminal has no clipboard: the text is in \(path).")
        case .written(let path, .tooLong):
            Notice(.info, "The text is too long for a terminal's clipboard: it is in \(path).")
        case .written(let path, .terminalIsSlow):
            Notice(.info, "The terminal does not take it now: the text is in \(path).")
        case .failed(let reason): Notice(.error, "Not copied: \(reason)")
        }
    }
}
