import Engine
import Glibc

/// Runs the screen: waits for keys and signals, re-reads the engine's values a few times a second, draws what
/// changed, and performs what keys asked for. Everything happens on the one thread that called it.
final class ConsoleLoop {
    private let terminal: Terminal
    private let signals: Signals
    private let errands: Errands
    private var state = ViewState()
    private var picture: Picture
    private var reader: StatusReader
    private var isLeaving = false

    /// How often the engine's values are read again.
    private static let refreshSeconds = 0.25

    init(control: any MigrationControl, options: ConsoleOptions, terminal: Terminal, signals: Signals) {
        self.terminal = terminal
        self.signals = signals
        errands = Errands(control: control, options: options)
        reader = StatusReader(control: control)
        picture = Picture(
            now: StatusReader.now(), utcOffset: StatusReader.utcOffset(), readOnly: options.readOnly,
            hasSourcePassword: options.sourcePassword != nil, hasTargetPassword: options.targetPassword != nil
        )
    }

    func run(firstNotice: String?) {
        state.notice = firstNotice.map { Alert(.warning, $0) }
        var nextRead = 0.0
        while !isLeaving {
            let now = StatusReader.now()
            if now >= nextRead {
                refresh()
                nextRead = now + ConsoleLoop.refreshSeconds
            }
            draw()
            wait(seconds: max(0, nextRead - StatusReader.now()))
        }
    }

    private func refresh() {
        reader.read(into: &picture, for: state)
        errands.lookAfterWorker(&picture, &state)
        state.absorb(picture)
        // A step that has just changed may want values of its own; they are read in the same turn.
        if picture.inquiry?.request != state.inquiry { reader.readInquiry(into: &picture, for: state) }
    }

    private func draw() {
        let size = terminal.size
        var canvas = Canvas(rows: size.rows, columns: size.columns)
        render(state, picture, onto: &canvas)
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
        picture.now = StatusReader.now()
        while !isLeaving, let key = terminal.nextKey() {
            // Nobody presses a key for a screen that is not drawn, but for leaving it.
            let size = terminal.size
            guard fits(rows: size.rows, columns: size.columns) else {
                isLeaving = isLeaving || key == .character("q")
                continue
            }
            for action in state.key(key, picture) { perform(action) }
            if picture.inquiry?.request != state.inquiry { reader.readInquiry(into: &picture, for: state) }
        }
    }

    private func perform(_ action: Action) {
        switch action {
        case .leave(let request): errands.leave(request, &picture, &state)
        case .keep(let forms): errands.keep(forms, &picture, &state)
        case .startWorker: errands.startWorker(&picture, &state)
        case .quit: isLeaving = true
        case .redraw: terminal.redraw()
        case .suspend: terminal.suspend()
        case .dropTypeAhead: terminal.dropTypeAhead()
        }
    }
}
