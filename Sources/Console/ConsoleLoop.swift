import Engine
import Glibc

/// The console's main loop. It waits for keys and signals, reads the engine's values a few times a second,
/// draws what changed, and performs the actions of keys. Everything happens on the thread that called it.
final class ConsoleLoop {
    private let terminal: CursesTerminal
    private let signals: Signals
    /// What is for the migration in view; nil while the list alone is shown.
    private var session: Session?
    private var list: MigrationListReader
    private var state: ConsoleState
    private var data: ConsoleData
    private var outcome: ConsoleOutcome?
    private var isLeaving: Bool { outcome != nil }

    private struct Session {
        let sender: RequestSender
        var reader: ConsoleDataReader
    }

    /// Time between two readings of the engine's values.
    private static let refreshSeconds = 0.25

    init(
        control: (any MigrationControl)?, options: ConsoleOptions, terminal: CursesTerminal, signals: Signals
    ) {
        self.terminal = terminal
        self.signals = signals
        session = control.map {
            Session(
                sender: RequestSender(control: $0, options: options), reader: ConsoleDataReader(control: $0))
        }
        list = MigrationListReader(directory: options.workingDirectory, recent: options.recent)
        state = ConsoleState(keymap: options.keymap, hasMigration: control != nil)
        data = ConsoleData(
            now: ConsoleDataReader.now(), utcOffset: ConsoleDataReader.utcOffset(),
            readOnly: options.readOnly,
            hasSourcePassword: options.sourcePassword != nil, hasTargetPassword: options.targetPassword != nil
        )
    }

    func run(firstNotice: String?) -> ConsoleOutcome {
        state.notice = firstNotice.map { Notice(.warning, $0) }
        do { try session?.sender.findUnfinished() } catch {
            state.notice = Notice(.error, "The requests cannot be read: \(error)")
        }
        var nextRead = 0.0
        while !isLeaving {
            let now = ConsoleDataReader.now()
            if now >= nextRead {
                refresh()
                nextRead = now + ConsoleLoop.refreshSeconds
            }
            draw()
            wait(seconds: max(0, nextRead - ConsoleDataReader.now()))
        }
        return outcome ?? .left
    }

    private func refresh() {
        data.readClock()
        session?.reader.read(into: &data, state.reads)
        list.read(into: &data, state.reads)
        session?.sender.superviseWorker(&data, state)
        takeReplies()
        for action in state.absorb(data) { perform(action) }
        readInquiry()
    }

    /// Reads what a page that has just changed needs, in the same turn.
    private func readInquiry() {
        let wanted = state.reads.inquiry
        if data.inquiry?.request != wanted { session?.reader.readInquiry(into: &data, wanted) }
        list.read(into: &data, state.reads)
    }

    private func takeReplies() {
        for reply in session?.sender.takeReplies() ?? [] { state.take(reply, data) }
    }

    private func draw() {
        let size = terminal.size
        var canvas = Canvas(rows: size.rows, columns: size.columns)
        render(state, data, onto: &canvas)
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
            case .leave: outcome = .left
            }
        }
        if descriptors[0].revents & Int16(POLLIN) != 0 { takeKeys() }
        // The terminal is gone: leave.
        if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { outcome = .left }
    }

    private func takeKeys() {
        data.now = ConsoleDataReader.now()
        while !isLeaving, let key = terminal.nextKey() {
            // On a screen that is too small to be drawn, only q has a meaning.
            let size = terminal.size
            guard fits(rows: size.rows, columns: size.columns) else {
                if key == .character("q") { outcome = .left }
                continue
            }
            for action in state.key(key, data) { perform(action) }
            takeReplies()
            readInquiry()
        }
    }

    private func perform(_ action: Action) {
        switch action {
        case .leave(let request): session?.sender.leave(request, &data, state)
        case .keep(let forms):
            if let notice = session?.sender.keep(forms, &data) { state.notice = notice }
        case .startWorker:
            if let notice = session?.sender.startWorker(&data, state) { state.notice = notice }
        case .openMigration(let directory): outcome = .openMigration(directory)
        case .quit: outcome = .left
        case .redraw: terminal.redraw()
        case .suspend: terminal.suspend()
        case .dropTypeAhead: terminal.dropTypeAhead()
        case .copy, .screenshot, .edit:
            state.notice = Notice(.info, "This terminal cannot do that yet.")
        // The state has performed these.
        case .show, .push, .pop, .run, .ask, .notice: break
        }
    }
}
