import Console
import Engine
import Support
import Testing

/// A console without a terminal: keys go in, actions are performed on a simulated migration, and the screen
/// is read as text. Its clock is the migration's.
struct Hands {
    let control: FakeMigrationControl
    var state = ConsoleState()
    var data: ConsoleData
    /// What was copied last.
    var copied: String?
    /// The directory whose migration was opened last.
    var opened: String?
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
        reader.read(into: &data, state.reads)
        data.now = control.state.now
        data.utcOffset = 0
        sender.superviseWorker(&data, state)
        takeReplies()
        for action in state.absorb(data) { perform(action) }
        reader.readInquiry(into: &data, state.reads.inquiry)
    }

    mutating func refresh(turns: Int) { for _ in 0..<turns { refresh() } }

    mutating func press(_ keys: KeyEvent...) {
        for key in keys { press(key) }
    }

    mutating func press(_ key: KeyEvent) {
        for action in state.key(key, data) { perform(action) }
        takeReplies()
        reader.readInquiry(into: &data, state.reads.inquiry)
    }

    private mutating func takeReplies() {
        for reply in sender.takeReplies() { state.take(reply, data) }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .leave(let request): sender.leave(request, &data, state)
        case .keep(let forms): if let notice = sender.keep(forms, &data) { state.notice = notice }
        case .startWorker: if let notice = sender.startWorker(&data, state) { state.notice = notice }
        case .copy(let text): copied = text
        case .openMigration(let directory): opened = directory
        case .quit, .redraw, .suspend, .dropTypeAhead, .show, .push, .pop, .run, .ask, .notice, .screenshot,
            .edit:
            break
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
