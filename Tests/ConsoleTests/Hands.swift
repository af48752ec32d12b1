import Console
import Engine
import Support

/// A console without a terminal: keys go in, actions are performed on a simulated migration, and the screen
/// is read as text. Its clock is the migration's.
struct Hands {
    let control: FakeMigrationControl
    var state = ViewState()
    var data: ConsoleData
    private let sender: RequestSender
    private var reader: ConsoleDataReader

    init(_ migration: FakeMigration, readOnly: Bool = false) {
        control = FakeMigrationControl(migration)
        data = ConsoleData(now: migration.now, readOnly: readOnly)
        sender = RequestSender(
            control: control, options: ConsoleOptions(operatorName: "dba@mig-01 console", readOnly: readOnly),
            runOnOtherThread: { $0() })
        reader = ConsoleDataReader(control: control)
        refresh()
    }

    /// Performs one turn of the loop.
    mutating func refresh() {
        reader.read(into: &data, for: state)
        data.now = control.state.now
        data.utcOffset = 0
        sender.superviseWorker(&data, &state)
        state.absorb(data)
        reader.readInquiry(into: &data, for: state)
    }

    mutating func refresh(turns: Int) { for _ in 0..<turns { refresh() } }

    mutating func press(_ keys: KeyEvent...) {
        for key in keys { press(key) }
    }

    mutating func press(_ key: KeyEvent) {
        for action in state.key(key, data) {
            switch action {
            case .leave(let request): sender.leave(request, &data, &state)
            case .keep(let forms): sender.keep(forms, &data, &state)
            case .startWorker: sender.startWorker(&data, &state)
            case .quit, .redraw, .suspend, .dropTypeAhead: break
            }
        }
        reader.readInquiry(into: &data, for: state)
    }

    mutating func type(_ text: String) { for character in text { press(.character(character)) } }

    func screen(rows: Int = 24, columns: Int = 80) -> [String] {
        var canvas = Canvas(rows: rows, columns: columns)
        render(state, data, onto: &canvas)
        return canvas.lines()
    }

    func shows(_ text: String) -> Bool { screen().contains { $0.contains(text) } }
}
