import Engine
import Glibc

/// Runs the screen: waits for keys and signals, re-reads the engine's values a few times a second, draws what
/// changed, and performs what keys asked for. Everything happens on the one thread that called it.
final class ConsoleLoop {
    private let terminal: CursesTerminal
    private let signals: Signals
    private let sender: RequestSender
    private var state = ViewState()
    private var data: ConsoleData
    private var reader: ConsoleDataReader
    private var isLeaving = false

    /// How often the engine's values are read again.
    private static let refreshSeconds = 0.25

    init(control: any MigrationControl, options: ConsoleOptions, terminal: CursesTerminal, signals: Signals) {
        self.terminal = terminal
        self.signals = signals
        sender = RequestSender(control: control, options: options)
        reader = ConsoleDataReader(control: control)
        data = ConsoleData(
            now: ConsoleDataReader.now(), utcOffset: ConsoleDataReader.utcOffset(), readOnly: options.readOnly,
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
        // A step that has just changed may want values of its own; they are read in the same turn.
        if data.inquiry?.request != state.inquiry { reader.readInquiry(into: &data, for: state) }
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
        // Sound: the array holds as many structures as are named. An interrupted call is a wake like any other.
        let ready = unsafe poll(&descriptors, 2, Int32(seconds * 1000) + 1)
        guard ready > 0 else { return }
        for wake in signals.takeWakes() {
            switch wake {
            case .resize: terminal.measure()
            case .leave: isLeaving = true
            }
        }
        if descriptors[0].revents & Int16(POLLIN) != 0 { takeKeys() }
        // The terminal is gone, which is no reason for anything but leaving.
        if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { isLeaving = true }
    }

    private func takeKeys() {
        data.now = ConsoleDataReader.now()
        while !isLeaving, let key = terminal.nextKey() {
            // Nobody presses a key for a screen that is not drawn, but for leaving it.
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
