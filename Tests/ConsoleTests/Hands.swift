import Console
import Engine
import Support
import Testing

/// A console without a terminal: keys go in, actions are performed on a simulated migration, and the screen
/// is read as text. Its clock is the migration's.
struct Hands {
    let control: FakeMigrationControl
    var session: ConsoleSession
    /// What was copied last.
    var copied: String?
    /// The file that was last opened in the editor.
    var edited: String?
    /// The theme that was painted last; nil for the chosen one.
    var painted: String?

    var state: ConsoleState { session.state }
    var data: ConsoleData { session.data }

    init(_ migration: FakeMigration, readOnly: Bool = false) {
        let control = FakeMigrationControl(migration)
        self.control = control
        session = ConsoleSession(
            control: control, options: ConsoleOptions(operatorName: "dba@mig-01 console", readOnly: readOnly),
            clock: { control.state.now }, utcOffset: { 0 }, runOnOtherThread: { $0() })
        refresh()
    }

    /// Performs one turn of the loop.
    mutating func refresh() { keep(session.refresh()) }

    /// Shows other values than those of the simulated migration.
    mutating func show(_ change: (inout ConsoleData) -> Void) {
        var data = data
        change(&data)
        session.show(data)
    }

    mutating func refresh(turns: Int) { for _ in 0..<turns { refresh() } }

    mutating func press(_ keys: KeyEvent...) { for key in keys { keep(session.key(key)) } }

    private mutating func keep(_ actions: [Action]) {
        for action in actions {
            if case .copy(let text) = action { copied = text }
            if case .edit(let path, _) = action { edited = path }
            if case .paint(let name) = action { painted = name }
        }
    }

    mutating func type(_ text: String) { for character in text { press(.character(character)) } }

    func screen(rows: Int = 24, columns: Int = 80) -> [String] {
        var canvas = Canvas(rows: rows, columns: columns)
        render(state, data, onto: &canvas)
        return canvas.lines()
    }

    func shows(_ text: String) -> Bool { screen().contains { $0.contains(text) } }
}

extension Hands: CustomTestStringConvertible {
    var testDescription: String { "the console" }
}
