import Engine
import Records

/// The state of the console as the operator's keys made it: the pages, the dialog over them, and the notice.
/// A value: keys and readings go in, actions come out.
package struct ConsoleState: Sendable {
    /// The pages that a key opens from everywhere, each in the state in which it was left.
    private var roots: [PageID: any Page]
    package private(set) var root = PageID.dashboard
    /// The pages over it, the topmost last.
    private var over: [any Page] = []
    package private(set) var dialog: Dialog?
    /// A sentence below the page, until the next key.
    package var notice: Notice?
    /// The values that stand still while the display is frozen.
    package private(set) var frozen: ConsoleData?
    package var keymap: Keymap
    private var phaseSeen: Phase?
    /// The page that left each request last, by the request's title.
    private var askers: [String: PageID] = [:]
    /// Whether the console shows a migration; without one, it shows the list alone.
    package let hasMigration: Bool

    package init(keymap: Keymap = .standard, hasMigration: Bool = true) {
        self.keymap = keymap
        self.hasMigration = hasMigration
        root = hasMigration ? .dashboard : .migrations
        roots = [:]
        for page in Self.standardPages { roots[page.id] = page }
    }

    /// A new page is made known here.
    private static var standardPages: [any Page] {
        [
            DashboardPage(), TablesPage(), LogPage(), IncidentsPage(), AlertsPage(), ConnectionPage(),
            SchemaPage(), LivePage(), CutoverPage(), EndPage(), VerificationPage(), SettingsPage(),
            MigrationsPage(), TableChoicePage(),
        ]
    }

    /// The page that the keys are for.
    package var page: any Page { over.last ?? roots[root] ?? DashboardPage() }

    package func root<P: Page>(_ type: P.Type, _ id: PageID) -> P? { roots[id] as? P }

    /// Whether a page lies over the one whose values stand still.
    var isOverFrozen: Bool { frozen != nil && !over.isEmpty }

    /// The values that the page in view shows: a page over a frozen one is not frozen itself.
    func shown(_ data: ConsoleData) -> ConsoleData { over.isEmpty ? frozen ?? data : data }

    /// What must be read for the page in view, and for the dialog over it.
    package var reads: Reads {
        dialog.map { Reads(inquiry: $0.request).and(page.reads) } ?? page.reads
    }

    /// Passwords typed into the forms; nil if none was typed.
    package var passwords: (source: String?, target: String?) {
        root(ConnectionPage.self, .connection)?.passwords ?? (nil, nil)
    }

    // MARK: Keys

    /// Handles a key. An open dialog gets it first, then a text field of the page, then the keymap.
    package mutating func key(_ event: KeyEvent, _ data: ConsoleData) -> [Action] {
        notice = nil
        if dialog != nil { return dialogKey(event, data) }
        if page.takesText {
            var actions: [Action]?
            change { actions = $0.type(event, data) }
            if let actions { return settle(actions, data) }
        }
        guard let binding = keymap.binding(for: event, on: page.id) else { return [] }
        return run(binding.command, data)
    }

    /// Performs a command as its key does.
    package mutating func run(_ command: Command, _ data: ConsoleData) -> [Action] {
        guard let binding = keymap[command] else { return [] }
        if binding.effect != .none, data.readOnly {
            notice = Notice(.warning, "This console is read-only: \(binding.shown) does nothing here.")
            return []
        }
        if let refusal = refusal(of: command, data) {
            notice = Notice(.info, refusal)
            return []
        }
        if let actions = perform(command, data) { return settle(actions, data) }
        var actions: [Action] = []
        change { actions = $0.perform(command, data) }
        return settle(actions, data)
    }

    /// Why the command does nothing now; nil if it does something.
    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        guard let binding = keymap[command] else { return "it has no key" }
        guard binding.applies(on: page.id) else {
            let pages = binding.pages.map(\.title).sorted().joined(separator: ", ")
            return "\(command.rawValue) has a meaning on these pages only: \(pages)"
        }
        guard hasMigration || command.worksWithoutMigration else {
            return "Open a migration first: Enter opens the chosen one."
        }
        switch command {
        case .abortCutover:
            return data.status?.cutoverUnderWay?.canAbort == true
                ? nil : "No cutover is under way, so there is nothing to abort."
        case .release:
            return data.status?.cutoverUnderWay?.awaitsApproval == true
                ? nil : "No cutover awaits approval."
        case .copy: return page.copied(data) == nil ? "There is nothing to copy on this line." : nil
        case .showDashboard, .showTables, .showLog, .showPhase, .showCutover, .showVerification,
            .showSettings, .showChoice, .showAlerts, .showIncidents, .showMigrations, .showThemes, .palette,
            .help, .quit,
            .interrupt,
            .redraw, .suspend, .copyPage, .screenshot, .freeze, .startWorker, .back:
            return nil
        case .takeWheel:
            return data.status?.wheel.refusal == nil ? "No other console has the wheel." : nil
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .nextField, .previousField, .choose,
            .chooseAll, .chooseNone, .nextChoice, .previousChoice, .nextPage, .previousPage, .filter, .sort,
            .reverseSort, .columns,
            .zoom, .follow, .level, .again, .details, .edit, .acknowledge, .verify, .repairSQL, .retryTable,
            .fix, .waive,
            .accept, .endSession, .excludeTable, .errorPolicy:
            return page.refusal(of: command, data)
        }
    }

    /// Performs a command that means the same on every page; nil if it is the page's.
    private mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action]? {
        switch command {
        case .showDashboard: return [.show(.dashboard)]
        case .showTables: return [.show(.tables)]
        case .showLog: return [.show(.log)]
        case .showPhase: return [.show(.ofPhase(data.status?.phase ?? .prepare))]
        case .showCutover: return [.show(.cutover)]
        case .showVerification: return [.show(.verification)]
        case .showSettings: return [.show(.settings)]
        case .showChoice: return [.show(.choice)]
        case .showAlerts: return [.show(.alerts)]
        case .showIncidents: return [.show(.incidents)]
        case .showMigrations: return [.show(.migrations)]
        case .showThemes: return [.push(ThemesPage())]
        case .palette: return [.push(PalettePage(self, data))]
        case .help: return [.push(HelpPage(page.id, keymap, readOnly: data.readOnly))]
        case .quit: return over.isEmpty ? [.quit] : [.pop]
        case .back where !over.isEmpty: return [.pop]
        case .interrupt:
            if !over.isEmpty { return [.pop] }
            return [
                .notice(
                    Notice(.info, "q leaves the console. The migration continues, here and after it."))
            ]
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .copy: return page.copied(data).map { [.copy($0)] } ?? []
        case .copyPage: return [.copy(text(data))]
        case .screenshot: return [.screenshot]
        case .freeze:
            frozen = frozen == nil ? data : nil
            return []
        case .startWorker: return [.startWorker]
        case .takeWheel: return takeWheel(data)
        case .abortCutover: return abortCutover(data)
        case .release: return release(data)
        case .back, .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .nextField,
            .previousField, .choose, .chooseAll, .chooseNone, .nextChoice, .previousChoice, .nextPage,
            .previousPage, .filter, .sort,
            .reverseSort, .columns, .zoom, .follow, .level, .again, .details, .edit, .acknowledge, .verify,
            .repairSQL,
            .retryTable, .fix, .waive, .accept, .endSession, .excludeTable, .errorPolicy:
            return nil
        }
    }

    private mutating func dialogKey(_ event: KeyEvent, _ data: ConsoleData) -> [Action] {
        switch dialog?.handle(event) {
        case .cancelled:
            dialog = nil
            notice = Notice(.info, "Cancelled; nothing was changed.")
            return []
        case .confirmed:
            let (assent, plan) = (dialog?.assent, dialog?.plan)
            dialog = nil
            switch assent {
            case .leave(let request):
                askers[request.title] = page.id
                return [plan.map { .leaveSeen(request, $0) } ?? data.leaving(request)]
            case .openMigration(let directory): return [.openMigration(directory)]
            case .takeWheel: return [.takeWheel]
            case nil: return []
            }
        case .stays, nil: return []
        }
    }

    // MARK: Pages

    /// Performs the actions that concern the pages; returns the others.
    private mutating func settle(_ actions: [Action], _ data: ConsoleData) -> [Action] {
        var rest: [Action] = []
        for action in actions {
            switch action {
            case .show(let id):
                rest += over.flatMap(\.leaving)
                over = []
                root = id
                frozen = nil
                rest += absorbPage(data)
            case .push(let page):
                over.append(page)
                rest += absorbPage(data)
            case .pop: rest += close()
            case .run(let command):
                rest += close()
                rest += run(command, data)
            case .ask(let dialog):
                self.dialog = dialog
                rest.append(.dropTypeAhead)
            case .notice(let notice): self.notice = notice
            case .leave(let request), .leaveSeen(let request, _):
                askers[request.title] = page.id
                rest.append(action)
            case .keep, .writeRepairs, .startWorker, .copy, .screenshot, .edit, .openMigration,
                .takeWheel, .paint, .readGatesAgain,
                .keepTheme, .quit, .redraw, .suspend, .dropTypeAhead:
                rest.append(action)
            }
        }
        return rest
    }

    /// Closes the topmost page over the root. Returns what only a terminal can do about it.
    private mutating func close() -> [Action] { over.popLast()?.leaving ?? [] }

    /// Changes the topmost page.
    private mutating func change(_ body: (inout any Page) -> Void) {
        if over.isEmpty {
            var page = self.page
            body(&page)
            roots[root] = page
        } else {
            body(&over[over.count - 1])
        }
    }

    private mutating func absorbPage(_ data: ConsoleData) -> [Action] {
        var actions: [Action] = []
        change { actions = $0.absorb(data) }
        return settle(actions, data)
    }

    /// What was typed and not done yet, for the phase that is shown.
    package func draft(_ phase: Phase) -> ConsoleDraft {
        var pages: [String: ConsoleDraft.PageDraft] = [:]
        for (id, page) in roots {
            if let draft = page.draft { pages[id.rawValue] = draft }
        }
        return ConsoleDraft(phase: phase.rawValue, page: root.rawValue, pages: pages)
    }

    /// Takes over what an earlier console has kept. Does nothing if it was in another phase.
    package mutating func take(_ draft: ConsoleDraft, _ data: ConsoleData) {
        guard let phase = data.status?.phase, draft.phase == phase.rawValue else { return }
        for (name, kept) in draft.pages {
            guard let id = PageID(rawValue: name), var page = roots[id] else { continue }
            // A page makes its questions from the first values that it gets.
            _ = page.absorb(data)
            page.take(kept)
            roots[id] = page
        }
        if let id = PageID(rawValue: draft.page), roots[id]?.form != nil { root = id }
    }

    /// The questions of the page in view.
    package var form: Form? { page.form }

    /// Answers a question of the page in view.
    package mutating func answer(_ field: String, _ text: String) { change { $0.answer(field, text) } }

    /// Moves the focus to the button of the page in view.
    package mutating func focusButton() { change { $0.focusButton() } }

    // MARK: Readings and replies

    /// Takes over new readings. Returns what a page wants done. A frozen page keeps its values.
    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        if let request = dialog?.request, let inquiry = data.inquiry, inquiry.request == request {
            // A plan that could not be read says nothing about the one that was shown.
            let isOther = dialog?.plan.map { inquiry.planTrouble == nil && $0 != PlanHash(inquiry.plan) }
            dialog?.lock(
                inquiry.refusal
                    ?? (isOther == true
                        ? "the plan has changed since it was shown: Esc, and look at it again" : nil))
        }
        if let phase = data.status?.phase, phase != phaseSeen {
            // A console that is opened before the stream or during a cutover shows where it is.
            if phaseSeen == nil, root == .dashboard { root = .first(phase) }
            phaseSeen = phase
        }
        return absorbPage(shown(data))
    }

    /// Gives the answer to a request to the page that left it; a notice shows what no page takes.
    package mutating func take(_ reply: Reply, _ data: ConsoleData) {
        let asker = askers[reply.request.title]
        var isTaken = false
        for index in over.indices where asker == nil || over[index].id == asker {
            isTaken = over[index].take(reply, data) || isTaken
        }
        for id in Array(roots.keys) where asker == nil || id == asker {
            guard var page = roots[id] else { continue }
            if page.take(reply, data) {
                isTaken = true
                if case .left = reply { page.settle() }
            }
            roots[id] = page
        }
        guard !isTaken else { return }
        switch reply {
        case .waits: break
        case .left(let request, _): notice = Notice(.info, "Asked: \(request.title).")
        case .refused(_, let reason): notice = Notice(.error, reason)
        }
    }

    /// The page in view as text.
    private func text(_ data: ConsoleData) -> String {
        var canvas = Canvas(rows: 50, columns: 200)
        page.draw(data, on: &canvas, in: canvas.area)
        return canvas.lines().joined(separator: "\n")
    }

    /// Tells the page that the operator has edited the file that it opened. Returns what it wants done.
    package mutating func edited(_ data: ConsoleData) -> [Action] {
        var actions: [Action] = []
        change { actions = $0.edited(data) }
        return settle(actions, data)
    }

    // MARK: The cutover, from every page

    private func abortCutover(_ data: ConsoleData) -> [Action] {
        guard let status = data.status, let cutover = status.cutoverUnderWay else { return [] }
        let origin = cutover.to.other
        return [
            .ask(
                .question(
                    Question(
                        title: "ABORT THE CUTOVER OF \(status.name)",
                        lines: [
                            "The steps are undone, the last one first, and the "
                                + "\(origin.rawValue.uppercased()) "
                                + "\(status.place(of: origin)) is writable again.",
                            "The application stays there. Nothing is lost, and the cutover can be initiated "
                                + "again.",
                        ], go: "Abort it"), then: .leave(.abortCutover)))
        ]
    }

    private func takeWheel(_ data: ConsoleData) -> [Action] {
        guard let holder = data.status?.wheel.holder else { return [] }
        return [
            .ask(
                .question(
                    Question(
                        title: "TAKE THE WHEEL",
                        lines: [
                            "\(holder.words) has the wheel.",
                            "After this, that console only watches, and this one sends requests.",
                        ], go: "Take it"), then: .takeWheel))
        ]
    }

    private func release(_ data: ConsoleData) -> [Action] {
        guard let status = data.status, let cutover = status.cutoverUnderWay else { return [] }
        return [.ask(.typed(.release(cutover, status), then: .approveRelease))]
    }
}

extension PageID {
    /// The page that a console shows first in a phase.
    fileprivate static func first(_ phase: Phase) -> PageID {
        switch phase {
        case .prepare, .schema, .cutoverToTarget, .cutoverToSource: ofPhase(phase)
        case .snapshot, .streaming, .fallBack, .complete, .ended: .dashboard
        }
    }

    /// The page of the guide that leads out of a phase.
    package static func ofPhase(_ phase: Phase) -> PageID {
        switch phase {
        case .prepare: .connection
        case .schema: .schema
        case .snapshot, .streaming, .fallBack: .live
        case .cutoverToTarget, .cutoverToSource: .cutover
        case .complete, .ended: .end
        }
    }
}

extension MigrationStatus {
    /// The server and database of a side, as `host:port/database`.
    func place(of side: Side) -> String {
        (side == .source ? sourcePlace : targetPlace) ?? "the \(side.rawValue)"
    }
}
