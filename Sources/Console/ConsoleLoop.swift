import Engine
import Glibc

/// The loop of the full-screen console. It waits for keys and signals, reads the engine's values a few times a
/// second, and draws what changed. Everything happens on the thread that called it.
final class ConsoleLoop {
    private let terminal: CursesTerminal
    private let signals: Signals
    private var session: ConsoleSession

    /// Time between two readings of the engine's values.
    private static let refreshSeconds = 0.25

    init(
        control: (any MigrationControl)?, options: ConsoleOptions, terminal: CursesTerminal, signals: Signals
    ) {
        self.terminal = terminal
        self.signals = signals
        session = ConsoleSession(control: control, options: options)
    }

    func run(firstNotice: String?) -> ConsoleOutcome {
        session.begin(firstNotice)
        var nextRead = 0.0
        while session.outcome == nil {
            let now = ConsoleDataReader.now()
            if now >= nextRead {
                for action in session.refresh() { perform(action) }
                nextRead = now + ConsoleLoop.refreshSeconds
            }
            draw()
            wait(seconds: max(0, nextRead - ConsoleDataReader.now()))
        }
        return session.outcome ?? .left
    }

    private func draw() {
        let size = terminal.size
        var canvas = Canvas(rows: size.rows, columns: size.columns)
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
            }
        }
        if descriptors[0].revents & Int16(POLLIN) != 0 { takeKeys() }
        // The terminal is gone: leave.
        if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { session.leave() }
    }

    private func takeKeys() {
        while session.outcome == nil, let key = terminal.nextKey() {
            // On a screen that is too small to be drawn, only q has a meaning.
            let size = terminal.size
            guard fits(rows: size.rows, columns: size.columns) else {
                if key == .character("q") { session.leave() }
                continue
            }
            for action in session.key(key) { perform(action) }
        }
    }

    /// Performs what only a terminal can do.
    private func perform(_ action: Action) {
        switch action {
        case .redraw: terminal.redraw()
        case .suspend: terminal.suspend()
        case .dropTypeAhead: terminal.dropTypeAhead()
        case .copy, .screenshot, .edit:
            session.say(Notice(.info, "This terminal cannot do that yet."))
        case .leave, .keep, .startWorker, .openMigration, .quit, .show, .push, .pop, .run, .ask, .notice:
            break
        }
    }
}
