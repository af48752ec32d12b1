import Engine
import Foundation

/// One console between its start and its end, without a terminal: the state that keys made, the values of the
/// engine, and the requests. The full-screen loop and the line mode drive it.
package struct ConsoleSession {
    package private(set) var state: ConsoleState
    package private(set) var data: ConsoleData
    /// How it was left; nil while it is open.
    package private(set) var outcome: ConsoleOutcome?
    private var migration: Sides?
    private var list: MigrationListReader
    /// The draft of the migration in view; nil until its directory is known.
    private var drafts: DraftFile?
    /// Seconds since 1970.
    private let clock: () -> Double
    private let themes: ThemeSearch
    /// Seconds by which the local zone is ahead of UTC now.
    private let utcOffset: () -> Int

    /// What reads and asks the migration in view; there is none while the list alone is shown.
    private struct Sides {
        let sender: RequestSender
        var reader: ConsoleDataReader
    }

    /// - Parameters:
    ///   - clock: the time in seconds since 1970; a test has its own
    ///   - utcOffset: seconds by which the local zone is ahead of UTC
    ///   - runOnOtherThread: runs what may take seconds; a test runs it at once
    package init(
        control: (any MigrationControl)?, options: ConsoleOptions,
        clock: @escaping () -> Double = { ConsoleDataReader.now() },
        utcOffset: @escaping () -> Int = { ConsoleDataReader.utcOffset() },
        runOnOtherThread: @escaping (@escaping @Sendable () -> Void) -> Void = { Thread.detachNewThread($0) }
    ) {
        self.clock = clock
        themes = ThemeSearch(directories: options.themeDirectories)
        self.utcOffset = utcOffset
        migration = control.map {
            Sides(
                sender: RequestSender(control: $0, options: options, runOnOtherThread: runOnOtherThread),
                reader: ConsoleDataReader(control: $0))
        }
        list = MigrationListReader(
            directory: options.workingDirectory, recent: options.recent, runOnOtherThread: runOnOtherThread)
        state = ConsoleState(keymap: options.own.keymap, hasMigration: control != nil)
        data = ConsoleData(
            now: clock(), utcOffset: utcOffset(),
            readOnly: options.readOnly,
            hasSourcePassword: options.sourcePassword != nil, hasTargetPassword: options.targetPassword != nil
        )
        data.own = options.own
        data.themeName = options.themeName ?? Theme.terminal.name
    }

    /// Finds what earlier consoles have left. The notice is shown first.
    package mutating func begin(_ notice: String?) {
        state.notice = notice.map { Notice(.warning, $0) }
        do { try migration?.sender.findUnfinished() } catch {
            state.notice = Notice(.error, "The requests cannot be read: \(error)")
        }
    }

    /// Takes values that were read elsewhere.
    package mutating func show(_ data: ConsoleData) {
        self.data = data
        _ = state.absorb(data)
    }

    package mutating func say(_ notice: Notice) { state.notice = notice }

    /// Takes what the operator's own files say after they were edited.
    package mutating func take(_ own: OwnSettings) {
        data.own = own
        state.keymap = own.keymap
    }

    package mutating func take(themeName: String) { data.themeName = themeName }

    package mutating func leave() { outcome = .left }

    /// Reads the engine's values, and takes them to the pages. Returns what only a terminal can do.
    package mutating func refresh(alsoEvents: Bool = false) -> [Action] {
        data.now = clock()
        data.utcOffset = utcOffset()
        var reads = state.reads
        reads.events = reads.events || alsoEvents
        migration?.reader.read(into: &data, reads)
        list.read(into: &data, state.reads)
        migration?.sender.superviseWorker(&data, state)
        takeReplies()
        let actions = settle(state.absorb(data))
        takeDraft()
        return actions
    }

    /// Comes back to what an earlier console has kept.
    private mutating func takeDraft() {
        guard drafts == nil, let status = data.status else { return }
        var file = DraftFile(exportDirectory: status.exportDirectory)
        if let draft = file.read() { state.take(draft, data) }
        drafts = file
    }

    /// Keeps what was typed. A console that only watches keeps nothing.
    private mutating func keepDraft() {
        guard let status = data.status, !data.readOnly, status.wheel.refusal == nil, drafts != nil else {
            return
        }
        do { try drafts?.keep(state.draft(status.phase)) } catch {
            // What a key has led to is more important.
            guard state.notice == nil else { return }
            state.notice = Notice(.warning, "What you type cannot be kept: \(error.localizedDescription)")
        }
    }

    /// Takes a key. Returns what only a terminal can do.
    package mutating func key(_ key: KeyEvent) -> [Action] {
        data.now = clock()
        let actions = settle(state.key(key, data))
        keepDraft()
        return actions
    }

    /// Performs a command as its key does.
    package mutating func run(_ command: Command) -> [Action] {
        data.now = clock()
        return settle(state.run(command, data))
    }

    /// Tells the page that the operator has edited a file. Returns what only a terminal can do.
    package mutating func edited() -> [Action] {
        data.now = clock()
        return settle(state.edited(data))
    }

    /// Gives an answer to a question of the page in view.
    package mutating func answer(_ field: String, _ text: String) {
        state.answer(field, text)
        keepDraft()
    }

    /// Presses the button of the page in view.
    package mutating func pressButton() {
        state.focusButton()
        _ = run(.open)
    }

    package mutating func forgetNotice() { state.notice = nil }

    private mutating func settle(_ actions: [Action]) -> [Action] {
        let rest = actions.filter { perform($0) }
        takeReplies()
        // A page that has just changed is read for in the same turn.
        let wanted = state.reads.inquiry
        if data.inquiry?.request != wanted { migration?.reader.readInquiry(into: &data, wanted) }
        list.read(into: &data, state.reads)
        if state.reads.themes, data.themes.isEmpty { data.themes = themes.list() }
        return rest
    }

    private mutating func takeReplies() {
        for reply in migration?.sender.takeReplies() ?? [] { state.take(reply, data) }
    }

    /// Performs an action. Returns true if it is the terminal's.
    private mutating func perform(_ action: Action) -> Bool {
        switch action {
        case .leave(let request): migration?.sender.leave(request, seen: nil, &data, state)
        case .leaveSeen(let request, let plan):
            migration?.sender.leave(request, seen: plan, &data, state)
        case .keep(let forms):
            if let notice = migration?.sender.keep(forms, &data) { state.notice = notice }
        case .startWorker:
            if let notice = migration?.sender.startWorker(&data, state) { state.notice = notice }
        case .writeRepairs:
            if let notice = migration?.sender.writeRepairs() { state.notice = notice }
        case .openMigration(let directory): outcome = .openMigration(directory)
        case .takeWheel:
            if let notice = migration?.sender.takeWheel() { state.notice = notice }
        case .readGatesAgain:
            if let notice = migration?.sender.readGatesAgain() { state.notice = notice }
        case .quit: outcome = .left
        case .redraw, .suspend, .dropTypeAhead, .copy, .screenshot, .edit, .paint, .keepTheme: return true
        // The state has performed these.
        case .show, .push, .pop, .run, .ask, .notice: break
        }
        return false
    }
}
