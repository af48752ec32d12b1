import Engine
import Records

/// The page of the cutover: before it the answers, the gates and the plan; during it the steps, what is in
/// the way and what the operator can do; after it the result.
package struct CutoverPage: AskingPage {
    package var id: PageID { .cutover }
    package var questions = Questions(Form(fields: [], button: "Cut over"))
    /// The side that the form is about.
    private var side: Side?
    private var waivers: [GateName: String] = [:]
    /// The gate that is being waived, and the reason typed so far.
    private var reason: (gate: GateName, field: TextField)?
    private var watch = RequestWatch()
    private var steps = Scroll()
    /// Whether the newest step is kept in view: until the operator moves.
    private var followsSteps = true

    package init() {}

    package var reads: Reads { Reads(inquiry: request, record: watch.id) }
    package var takesText: Bool { reason != nil || questions.takesText }

    /// The request that the answers describe; nil in a phase without a cutover.
    private var request: Request? {
        guard let side else { return nil }
        let form = questions.form
        return .initiateCutover(
            CutoverOptions(
                to: side, prepareForFallBack: side == .target && form.isOn("fallback"),
                verify: form.isOn("verify"), requiresApproval: form.isOn("approval"),
                disconnectSessions: form.isOn("disconnect"),
                waivers: waivers.map { GateWaiver(gate: $0.key, reason: $0.value) }.sorted {
                    $0.gate.rawValue < $1.gate.rawValue
                }))
    }

    // MARK: Keys

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        guard let gate = reason?.gate, var field = reason?.field else {
            return questions.type(key) ? [] : nil
        }
        switch key {
        case .escape: reason = nil
        case .enter:
            reason = nil
            if field.text.isEmpty { waivers[gate] = nil } else { waivers[gate] = field.text }
        default:
            guard field.handle(key) else { return nil }
            reason = (gate, field)
        }
        return []
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .back: return nil
        case .again, .nextPage, .previousPage:
            return shown(data) == nil ? nil : "A cutover is shown; Esc goes to the dashboard."
        case .nextField, .previousField, .choose, .nextChoice, .previousChoice:
            return shown(data) == nil ? nil : "There is nothing to answer while a cutover is shown."
        case .details: return chosenGate(data) == nil ? "Choose a gate first: Tab moves to the list." : nil
        case .waive:
            guard let gate = chosenGate(data) else { return "Choose a gate first: Tab moves to the list." }
            return gate.state == .green ? "This gate is green, so there is nothing to waive." : nil
        case .accept: return shown(data) == nil ? nil : "Differences are accepted before a cutover."
        case .endSession:
            return data.status?.writers?.writers.isEmpty == false
                ? nil : "No session is known to be in the way."
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let gates = gates(data)
        if command == .endSession { return [.push(SessionsPage())] }
        if let cutover = shown(data) {
            if let movement = Scroll.Movement(command) {
                steps.move(movement, count: cutover.steps.count)
                followsSteps = movement == .bottom
            }
            switch command {
            case .open:
                if cutover.word == .initiated { return [] }
                watch.forget()
                seen = CutoverKey(cutover)
                return cutover.word == .completed ? [.show(.dashboard)] : []
            case .back: return [.show(.dashboard)]
            default: return []
            }
        }
        if questions.perform(command, count: gates.count) { return [] }
        switch command {
        case .open:
            if let gate = chosenGate(data) { return [.push(gate.details(data))] }
            if questions.form.buttonHasFocus { return ask(data) }
            questions.form.toggle()
            return []
        case .details: return chosenGate(data).map { [.push($0.details(data))] } ?? []
        case .waive:
            if let gate = chosenGate(data) { reason = (gate.name, TextField(waivers[gate.name] ?? "")) }
            return []
        case .accept: return [.push(DifferencesPage())]
        case .again: return [.readGatesAgain]
        case .nextPage: return [.push(PlanPage(request))]
        case .previousPage: return [.show(.live)]
        case .back: return [.show(.dashboard)]
        default: return []
        }
    }

    /// Asks for the migration's name, if no gate refuses.
    private func ask(_ data: ConsoleData) -> [Action] {
        guard let request, let status = data.status, case .initiateCutover(let options) = request else {
            return [.notice(Notice(.warning, "No cutover is possible in this phase."))]
        }
        guard data.inquiry?.request == request else {
            return [.notice(Notice(.info, "The gates are being read."))]
        }
        let open = gates(data).filter(\.refuses)
        if let first = open.first {
            return [
                .notice(
                    Notice(
                        .warning,
                        "\(counted(open.count, "gate")) \(open.count == 1 ? "refuses" : "refuse") it, first "
                            + "\(first.name.rawValue): Enter on it says what to do, u waives it."))
            ]
        }
        if let refusal = data.inquiry?.refusal { return [.notice(Notice(.warning, refusal))] }
        return [
            .ask(
                .typed(
                    .cutover(options, status, plan: data.inquiry?.plan ?? []), then: request,
                    plan: data.inquiry.map { PlanHash($0.plan) }))
        ]
    }

    // MARK: Readings

    /// The newest cutover whose result the operator has closed.
    private var seen: CutoverKey?

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        let next = data.status.flatMap {
            $0.nextCutover ?? ($0.phase == .prepare || $0.phase == .schema ? .target : nil)
        }
        if next != side, let next {
            side = next
            waivers = [:]
            questions = Questions(Self.form(to: next))
        }
        questions.clamp(count: gates(data).count)
        if let cutover = shown(data), cutover.word == .initiated {
            if followsSteps { steps.selected = cutover.steps.lastIndex { $0.state != .pending } ?? 0 }
        } else {
            followsSteps = true
        }
        return []
    }

    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool {
        guard case .initiateCutover = reply.request else { return false }
        watch.take(reply)
        return true
    }

    package func copied(_ data: ConsoleData) -> String? {
        chosenGate(data).map { $0.remedy.isEmpty ? $0.found : $0.remedy }
    }

    /// The cutover that is shown instead of the questions: one under way, or the newest one until its result
    /// is closed.
    private func shown(_ data: ConsoleData) -> CutoverStatus? {
        guard let status = data.status else { return nil }
        if let cutover = status.cutoverUnderWay { return cutover }
        guard let newest = status.newestCutover, CutoverKey(newest) != seen, watch.id != nil,
            newest.word != .notInitiated
        else { return nil }
        return newest
    }

    private func gates(_ data: ConsoleData) -> [Gate] {
        guard let inquiry = data.inquiry, inquiry.request == request, !inquiry.gates.isEmpty else {
            return (data.status?.gates ?? []).worstFirst
        }
        return inquiry.gates.worstFirst
    }

    private func chosenGate(_ data: ConsoleData) -> Gate? {
        guard shown(data) == nil else { return nil }
        let gates = gates(data)
        return questions.line.flatMap { gates.indices.contains($0) ? gates[$0] : nil }
    }

    // MARK: Answers

    private static func form(to side: Side) -> Form {
        var fields: [Field] = []
        if side == .target {
            fields.append(
                Field(
                    "fallback", "Prepare for fall-back", .toggle(true),
                    help: "Streams the target's changes back to the source, so that you can go back."))
        }
        fields += [
            Field(
                "verify", "Compare all rows", .toggle(true),
                help: "Compares counts and checksums before the release; a difference stops the cutover."),
            Field(
                "approval", "Await approval", .toggle(false),
                help: "Waits for the key R when all else is done. The application also waits."),
            Field(
                "disconnect", "Disconnect older sessions", .toggle(false),
                help: "Ends sessions on the \(side.other.rawValue) from before it became read-only."),
        ]
        return Form(fields: fields, button: "Cut over", focusOnButton: true)
    }

    // MARK: Drawing

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        if let cutover = shown(data) {
            canvas.drawCutover(cutover, scroll: steps, data, in: area)
            return
        }
        canvas.box(
            area, title: side.map { "Cutover to \($0.rawValue)" } ?? "Cutover", token: .borderFocus)
        let inner = area.inner
        guard side != nil else {
            canvas.lines([PageLine("No cutover is possible in this phase.", .textMuted)], in: inner)
            return
        }
        var row = canvas.draw(questions.form, in: inner, headings: nil)
        let gates = gates(data)
        let open = gates.count(where: \.refuses)
        canvas.rule(
            row: row, in: inner,
            title: "Gates  \(gates.count { $0.state == .green }) of \(gates.count) green"
                + (open == 0 ? "" : ", \(open) refuse") + (waivers.isEmpty ? "" : ", \(waivers.count) waived")
        )
        row += 1
        var rest = Rectangle(
            row: row, column: inner.column, rows: inner.endRow - row - 1, columns: inner.columns)
        if let refusal = watch.refusal ?? (gates.isEmpty ? data.inquiry?.refusal : nil) {
            let lines = wrapped([PageLine("✗ " + refusal, .statusError)], to: rest.columns - 2, rowsMax: 3)
            canvas.lines(lines, in: rest)
            rest = rest.split(top: lines.count).rest
        }
        if watch.waits {
            canvas.lines(
                [PageLine("▶ The cutover is asked for; a worker is being started.", .statusWaiting)], in: rest
            )
            rest = rest.split(top: 1).rest
        }
        canvas.list(
            gates.map { $0.line(now: data.now) }, scroll: questions.scroll, hasFocus: questions.line != nil,
            in: rest)
        if let reason {
            canvas.write(
                "Reason to waive \(reason.gate.rawValue): ", row: inner.endRow - 1, column: inner.column + 1,
                token: .textStrong)
            canvas.input(
                reason.field, row: inner.endRow - 1, column: inner.column + 32, columns: inner.columns - 34,
                focused: true)
        } else {
            canvas.write(
                "Enter on a gate says more, u waives it. ^N shows the plan.", row: inner.endRow - 1,
                column: inner.column + 1, token: .textMuted, limit: inner.columns - 2)
        }
    }
}

/// Identifies a cutover among those of a migration.
private struct CutoverKey: Equatable, Sendable {
    let to: Side
    let requestedAt: Double?

    init(_ cutover: CutoverStatus) {
        to = cutover.to
        requestedAt = cutover.requestedAt
    }
}
