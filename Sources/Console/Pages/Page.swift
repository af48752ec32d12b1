import Engine

/// A page of the console: what it reads, what its keys do, and what it draws. A value without I/O: keys and
/// readings go in, actions come out.
package protocol Page: Sendable {
    var id: PageID { get }

    /// What it reads beside the status. Nothing else is read while it is shown.
    var reads: Reads { get }

    /// Whether typed characters are text now and no keys of the keymap.
    var takesText: Bool { get }

    /// Takes a typed key while `takesText` is true. Returns nil if the key is the keymap's.
    mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]?

    /// Why the command does nothing here now, in a sentence; nil if it does something. It is asked only for
    /// the commands that the keymap gives this page.
    func refusal(of command: Command, _ data: ConsoleData) -> String?

    mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action]

    /// The questions of the page; nil if it asks none.
    var form: Form? { get }

    /// Answers a question of the form.
    mutating func answer(_ field: String, _ text: String)

    /// Moves the focus to the form's button.
    mutating func focusButton()

    /// What is kept of the answers; nil if the page asks nothing.
    var draft: ConsoleDraft.PageDraft? { get }

    /// Takes over answers that an earlier console has kept.
    mutating func take(_ draft: ConsoleDraft.PageDraft)

    /// Notes that the request of the answers was left: they are no draft any more.
    mutating func settle()

    /// Takes over new readings.
    mutating func absorb(_ data: ConsoleData) -> [Action]

    /// Takes the answer to a request that a page has left. Returns false if the request is not this page's.
    mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool

    /// What only a terminal can do when the page is closed.
    var leaving: [Action] { get }

    /// Takes note that the operator has edited a file that the page opened.
    mutating func edited(_ data: ConsoleData) -> [Action]

    func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle)

    /// The text that the key for copying takes: the chosen line, or its SQL.
    func copied(_ data: ConsoleData) -> String?
}

extension Page {
    package var reads: Reads { Reads() }
    package var takesText: Bool { false }
    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? { nil }
    package mutating func absorb(_ data: ConsoleData) -> [Action] { [] }
    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool { false }
    package mutating func edited(_ data: ConsoleData) -> [Action] { [] }
    package func copied(_ data: ConsoleData) -> String? { nil }
    package var form: Form? { nil }
    package var leaving: [Action] { [] }
    package mutating func answer(_ field: String, _ text: String) {}
    package mutating func focusButton() {}
    package var draft: ConsoleDraft.PageDraft? { nil }
    package mutating func take(_ draft: ConsoleDraft.PageDraft) {}
    package mutating func settle() {}
}

/// A page with questions.
package protocol AskingPage: Page {
    var questions: Questions { get set }
}

extension AskingPage {
    package var form: Form? { questions.form }

    package mutating func answer(_ field: String, _ text: String) { questions.form.set(field, text) }

    package var draft: ConsoleDraft.PageDraft? { questions.form.fields.isEmpty ? nil : questions.draft }

    package mutating func take(_ draft: ConsoleDraft.PageDraft) { questions.take(draft) }

    package mutating func settle() { questions.settle() }

    package mutating func focusButton() {
        questions.focusForm()
        questions.form.focusButton()
    }
}

/// What a page reads from the engine beside the status.
package struct Reads: Sendable, Equatable {
    /// The request whose refusal, gates and plan it shows.
    package var inquiry: Request?
    /// The request whose record it shows.
    package var record: Int64?
    /// The requests whose newest records it shows, by title.
    package var newest: [String] = []
    package var incidents = false
    package var events = false
    /// The connection forms.
    package var forms = false
    /// The list of migrations.
    package var migrations = false
    /// The differences between the catalogs that are not accepted.
    package var differences = false
    /// The tables of the source that are offered.
    package var offers = false
    /// The rows that differ, with their values.
    package var rowDifferences = false
    /// The themes that can be chosen.
    package var themes = false
    /// The findings of the schema analysis, with what was decided about them.
    package var schemaReview = false

    package init(
        inquiry: Request? = nil, record: Int64? = nil, newest: [String] = [], incidents: Bool = false,
        events: Bool = false
    ) {
        self.inquiry = inquiry
        self.record = record
        self.newest = newest
        self.incidents = incidents
        self.events = events
    }

    /// What two pages read together.
    package func and(_ other: Reads) -> Reads {
        var reads = Reads(
            inquiry: inquiry ?? other.inquiry, record: record ?? other.record,
            newest: newest + other.newest.filter { !newest.contains($0) },
            incidents: incidents || other.incidents, events: events || other.events)
        reads.forms = forms || other.forms
        reads.migrations = migrations || other.migrations
        reads.differences = differences || other.differences
        reads.rowDifferences = rowDifferences || other.rowDifferences
        reads.themes = themes || other.themes
        reads.offers = offers || other.offers
        reads.schemaReview = schemaReview || other.schemaReview
        return reads
    }
}

/// The answer to a request that a page has left.
package enum Reply: Sendable, Equatable {
    /// It waits for a worker that is being started.
    case waits(Request)
    case left(Request, id: Int64)
    /// The engine refused it, or no worker could be started.
    case refused(Request, reason: String)

    package var request: Request {
        switch self {
        case .waits(let request), .left(let request, _), .refused(let request, _): request
        }
    }
}

/// What a key or a reading causes beyond the page itself. The loop performs it.
package enum Action: Sendable {
    case leave(Request)
    /// Leaves a request whose plan was shown: it is refused if another one would run.
    case leaveSeen(Request, PlanHash)
    case keep(DatabaseForms)
    /// Writes the SQL that mends the rows that differ to a file.
    case writeRepairs
    case startWorker
    /// Shows one of the pages that a key opens, in the state in which it was left.
    case show(PageID)
    /// Shows a page over the present one.
    case push(any Page)
    /// Closes the topmost page.
    case pop
    case run(Command)
    case ask(Dialog)
    case notice(Notice)
    case copy(String)
    case screenshot
    /// Opens a file in the operator's editor, at a line.
    case edit(path: String, line: Int)
    /// Ends this console and shows the migration of another export directory, which begins there if none has.
    case openMigration(String)
    /// Takes the wheel from another console.
    case takeWheel
    /// Asks whoever runs the roles to read the facts of the gates at once.
    case readGatesAgain
    /// Paints with a theme; nil: with the one that was chosen.
    case paint(String?)
    case keepTheme(String)
    case quit
    case redraw
    case suspend
    /// Throws away what was typed ahead, so that no key meant for another page answers a dialog.
    case dropTypeAhead
}
