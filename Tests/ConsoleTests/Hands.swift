import Console
import Engine
import Support

/// A console without a terminal: keys go in, actions are carried out on the pretended control room, and the screen is
/// read as text. The clock stands where the room's stands.
struct Hands {
    let control: FakeMigrationControl
    var state = ViewState()
    var picture: Picture
    private let errands: Errands
    private var reader: StatusReader

    init(_ migration: FakeMigration, readOnly: Bool = false) {
        control = FakeMigrationControl(migration)
        picture = Picture(now: migration.now, readOnly: readOnly)
        errands = Errands(
            control: control, options: ConsoleOptions(operatorName: "dba@mig-01 console", readOnly: readOnly),
            beside: { $0() })
        reader = StatusReader(control: control)
        refresh()
    }

    /// One turn of the loop.
    mutating func refresh() {
        reader.read(into: &picture, for: state)
        picture.now = control.state.now
        picture.utcOffset = 0
        errands.lookAfterWorker(&picture, &state)
        state.absorb(picture)
        reader.readInquiry(into: &picture, for: state)
    }

    mutating func refresh(turns: Int) { for _ in 0..<turns { refresh() } }

    mutating func press(_ keys: KeyEvent...) {
        for key in keys { press(key) }
    }

    mutating func press(_ key: KeyEvent) {
        for action in state.key(key, picture) {
            switch action {
            case .leave(let request): errands.leave(request, &picture, &state)
            case .keep(let forms): errands.keep(forms, &picture, &state)
            case .startWorker: errands.startWorker(&picture, &state)
            case .quit, .redraw, .suspend, .dropTypeAhead: break
            }
        }
        reader.readInquiry(into: &picture, for: state)
    }

    mutating func type(_ text: String) { for character in text { press(.character(character)) } }

    func screen(rows: Int = 24, columns: Int = 80) -> [String] {
        var canvas = Canvas(rows: rows, columns: columns)
        render(state, picture, onto: &canvas)
        return canvas.lines()
    }

    func shows(_ text: String) -> Bool { screen().contains { $0.contains(text) } }
}
