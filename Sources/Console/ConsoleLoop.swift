import Engine
import Glibc

/// The console's main loop. It waits for keys and signals, reads the engine's values a few times a second,
/// draws what changed, and performs the actions of keys. Everything happens on the thread that called it.
final class ConsoleLoop {
    private let terminal: CursesTerminal
    private let signals: Signals
    private let sender: RequestSender
    private var state = ViewState()
    private var data: ConsoleData
    private var reader: ConsoleDataReader
    private var isLeaving = false

    /// Time between two readings of the engine's values.
    private static let refreshSeconds = 0.25

    init(control: any MigrationControl, options: ConsoleOptions, terminal: CursesTerminal, signals: Signals) {
        self.terminal = terminal
        self.signals = signals
        sender = RequestSender(control: control, options: options)
        reader = ConsoleDataReader(control: control)
        data = ConsoleData(
            now: ConsoleDataReader.now(), utcOffset: ConsoleDataReader.utcOffset(),
            readOnly: options.readOnly,
            hasSourcePassword: options.sourcePassword != nil, hasTargetPassword: options.targetPassword != nil
        )
    }

    func run(firstNotice: String?) {
        state.notice = firstNotice.map { Alert(.warning, $0) }
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
    }

    private func refresh() {
        reader.read(into: &data, for: state)
        sender.superviseWorker(&data, &state)
        state.absorb(data)
        // A step that has just changed may need its own values; read them in the same turn.
        if data.inquiry?.request != state.inquiry { reader.readInquiry(into: &data, for: state) }
    }

    private func draw() {
        let size = terminal.size
        var canvas = Canvas(rows: size.rows, columns: size.columns, symbols: terminal.symbols)
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
            case .leave: isLeaving = true
            case .suspend: terminal.suspend()
            }
        }
        if descriptors[0].revents & Int16(POLLIN) != 0 { takeKeys() }
        // The terminal is gone: leave.
        if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { isLeaving = true }
    }

    private func takeKeys() {
        data.now = ConsoleDataReader.now()
        while !isLeaving, let key = terminal.nextKey() {
            // On a screen that is too small to be drawn, only q has a meaning.
            let size = terminal.size
            guard fits(rows: size.rows, columns: size.columns) else {
                isLeaving = isLeaving || key == .character("q")
                continue
            }
            for action in state.key(key, data) { perform(action) }
            if data.inquiry?.request != state.inquiry { reader.readInquiry(into: &data, for: state) }
        }
    }

    private func perform(_ action: Action) {
        switch action {
        case .leave(let request): sender.leave(request, &data, &state)
        case .keep(let forms): sender.keep(forms, &data, &state)
        case .startWorker: sender.startWorker(&data, &state)
        case .quit: isLeaving = true
        case .redraw: terminal.redraw()
        case .suspend: terminal.suspend()
        case .dropTypeAhead: terminal.dropTypeAhead()
        }
    }
}
