import Engine
import Records

/// The views of the console.
package enum Tab: Equatable, Sendable {
    case dashboard
    case tables
    case log
    case incidents
    case guide
}

/// The actions of keys that reach beyond the screen's state; the loop performs them.
package enum Action: Equatable, Sendable {
    case leave(Request)
    case keep(DatabaseForms)
    case startWorker
    case quit
    case redraw
    case suspend
    /// Throws away what was typed ahead, so that no key meant for another screen answers a dialog.
    case dropTypeAhead
}

/// The state of the screen, as the operator's keys made it. A value: keys go in, actions come out, and the
/// views draw it.
package struct ViewState: Equatable, Sendable {
    package var tab = Tab.dashboard
    package var helpIsOpen = false
    package var confirmation: TypedConfirmation?
    package var dashboardScroll = Scroll()
    package var tables = TablesState()
    package var log = LogState()
    package var incidentsScroll = Scroll()
    package private(set) var guides: [GuideKind: Guide] = [:]
    package var guideKind = GuideKind.prepare
    /// A sentence in the last row, until the next key.
    package var notice: Alert?
    private var phaseSeen: Phase?

    package init() {}

    package var guide: Guide? {
        get { guides[guideKind] }
        set { guides[guideKind] = newValue }
    }

    /// The request whose refusal and plan the screen shows.
    package var inquiry: Request? {
        if let confirmation { return confirmation.request }
        return tab == .guide ? guide?.considered : nil
    }

    /// The request whose record the screen shows.
    package var watchedRequest: Int64? { guide?.requestID }

    /// Passwords typed into the forms; nil if none was typed.
    package var passwords: (source: String?, target: String?) {
        func typed(_ side: String) -> String? {
            guard let text = guides[.prepare]?.form.text(side + ".password"), !text.isEmpty else {
                return nil
            }
            return text
        }
        return (typed("source"), typed("target"))
    }

    /// The context that decides which keys apply.
    package var context: KeyContext {
        if confirmation != nil { return .confirmation }
        switch tab {
        case .dashboard: return .dashboard
        case .tables: return .tables
        case .log: return .log
        case .incidents: return .incidents
        case .guide: return guide?.step == .ask ? .form : .guide
        }
    }

    /// Opens a guide; a new one if it was not open before.
    package mutating func open(_ kind: GuideKind, _ data: ConsoleData) {
        tab = .guide
        guideKind = kind
        if guides[kind] == nil { guides[kind] = Guide(fresh: kind, data: data) }
    }

    /// Takes over new readings: a request that ended shows its result, and a cutover that somebody began
    /// shows its steps.
    package mutating func absorb(_ data: ConsoleData) {
        if let phase = data.status?.phase, phase != phaseSeen {
            if tab != .guide {
                guideKind = GuideKind(for: phase)
                // Its first choice depends on the phase.
                if guides[.liveMigration]?.step == .ask { guides[.liveMigration] = nil }
            }
            phaseSeen = phase
        }
        if confirmation != nil, data.inquiry?.request == confirmation?.request {
            confirmation?.refusal = data.inquiry?.refusal
        }
        adoptOpenRequest(data)
        followRecord(data)
        followCutover(data)
        tables.scroll.clamp(count: data.status?.tables.count ?? 0)
    }

    /// Shows the progress of a request that was under way before this console opened.
    private mutating func adoptOpenRequest(_ data: ConsoleData) {
        guard tab == .guide, guide?.step == .ask, guide?.requestID == nil, guideKind.cutoverSide == nil else {
            return
        }
        let open = guideKind.titles.compactMap { data.newest[$0] }.first {
            switch $0.state {
            case .waiting, .running: true
            case .done, .refused, .failed: false
            }
        }
        guard let open, open.id > guide?.seenID ?? 0 else { return }
        guide?.requestID = open.id
        guide?.asked = open.request
        guide?.askedAt = open.askedAt
        guide?.step = .act
    }

    private mutating func followRecord(_ data: ConsoleData) {
        guard let record = data.record, let guide, guide.step == .act, guide.requestID == record.id else {
            return
        }
        switch record.state {
        case .waiting, .running: break
        case .done: if guide.kind.cutoverSide == nil { self.guide?.step = .result }
        case .refused, .failed: self.guide?.step = .result
        }
    }

    private mutating func followCutover(_ data: ConsoleData) {
        guard let status = data.status else { return }
        for kind in [GuideKind.cutoverToTarget, .cutoverToSource] {
            guard let side = kind.cutoverSide, let cutover = status.cutover(to: side) else { continue }
            switch cutover.word {
            case .initiated:
                if guides[kind] == nil { guides[kind] = Guide(fresh: kind, data: data) }
                guides[kind]?.step = .act
            case .completed, .aborted:
                guard let guide = guides[kind], guide.step == .act else { continue }
                // The state of an earlier cutover to the same side is published until the engine begins the
                // new one.
                if (cutover.requestedAt ?? 0) >= guide.askedAt - ViewState.clockSlackSeconds {
                    guides[kind]?.step = .result
                }
            case .notInitiated: break
            }
        }
    }

    /// Allowed difference between this clock and the engine's.
    private static let clockSlackSeconds = 2.0

    /// A request waits for its worker.
    package mutating func asking(_ request: Request, now: Double) {
        guide?.requestID = nil
        guide?.asked = request
        guide?.askedAt = now
        guide?.refusal = nil
        guide?.scroll = Scroll()
        guide?.step = .act
    }

    /// The engine took the request.
    package mutating func left(_ request: Request, id: Int64, now: Double) {
        switch request {
        case .approveRelease, .abortCutover, .setErrorPolicy, .retryTable, .excludeTable,
            .acceptDifferences, .acknowledge, .endSession:
            notice = Alert(.info, "Asked: \(request.title).")
        case .checkDatabases, .exportSchema, .analyzeSchema, .importSchema, .startLiveMigration, .pause,
            .resume, .setApplyMode, .setDiskLimits,
            .initiateCutover, .endMigration, .stopWorker:
            asking(request, now: now)
            guide?.requestID = id
        }
    }

    /// The engine refused the request, or the worker did not start.
    package mutating func refused(_ request: Request, _ reason: String) {
        switch request {
        case .approveRelease, .abortCutover, .setErrorPolicy, .retryTable, .excludeTable,
            .acceptDifferences, .acknowledge, .endSession:
            notice = Alert(.error, reason)
        case .checkDatabases, .exportSchema, .analyzeSchema, .importSchema, .startLiveMigration, .pause,
            .resume, .setApplyMode, .setDiskLimits,
            .initiateCutover, .endMigration, .stopWorker:
            guide?.requestID = nil
            guide?.asked = request
            guide?.refusal = reason
            guide?.step = .result
        }
    }
}
