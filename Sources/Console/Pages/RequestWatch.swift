import Engine

/// The request that a page has left last, and what became of it.
package struct RequestWatch: Equatable, Sendable {
    package private(set) var asked: Request?
    package private(set) var id: Int64?
    /// Why it was refused, or why no worker could be started.
    package private(set) var refusal: String?
    /// Whether it waits for a worker that is being started.
    package private(set) var waits = false
    /// Whether the page has shown its end already.
    package var isSeen = false

    package init() {}

    package mutating func take(_ reply: Reply) {
        asked = reply.request
        isSeen = false
        switch reply {
        case .waits:
            (id, refusal, waits) = (nil, nil, true)
        case .left(_, let id):
            (self.id, refusal, waits) = (id, nil, false)
        case .refused(_, let reason):
            (id, refusal, waits) = (nil, reason, false)
        }
    }

    package mutating func forget() { self = RequestWatch() }

    /// Whether it is under way, as far as the readings tell.
    package func isUnderWay(_ data: ConsoleData) -> Bool {
        if waits { return true }
        guard let id else { return false }
        return data.record.map { $0.id == id && $0.isOpen } ?? true
    }
}

extension RequestRecord.State {
    var mark: String {
        switch self {
        case .waiting: "·"
        case .running: "▶"
        case .done: "✓"
        case .refused, .failed: "✗"
        }
    }

    var token: Token {
        switch self {
        case .waiting, .running: .statusWaiting
        case .done: .statusOK
        case .refused, .failed: .statusError
        }
    }
}

extension CheckResult.State {
    var mark: String {
        switch self {
        case .ok: "✓ ok  "
        case .warning: "! warn"
        case .failure: "✗ FAIL"
        }
    }

    var token: Token {
        switch self {
        case .ok: .statusOK
        case .warning: .statusWarn
        case .failure: .statusError
        }
    }

    /// The place of a state in a list that shows the worst first.
    var rank: Int {
        switch self {
        case .failure: 0
        case .warning: 1
        case .ok: 2
        }
    }
}
