import Foundation

/// A thread for work that its owner does not wait for. The owner begins one piece of work at a time, and
/// takes its outcome later.
///
/// What the work keeps between pieces, a connection for example, is created on the thread and stays there. A
/// piece that was begun is finished even if the owner is released meanwhile; then the thread ends.
package final class SideThread<Order: Sendable, Finding: Sendable>: Sendable {
    private let turn = Turn<Order, Finding>()

    /// - Parameter makeWork: called once, on the thread; the function it returns is called for each piece
    package init(
        name: String, stackBytes: Int = 1 << 20,
        _ makeWork: @escaping @Sendable () -> (Order) throws -> Finding
    ) {
        let turn = turn
        let thread = Thread {
            let work = makeWork()
            while turn.work(work) {}
        }
        thread.name = String(name.prefix(15))
        thread.stackSize = stackBytes
        thread.start()
    }

    deinit { turn.end() }

    /// Whether a piece can be begun: none runs, and the outcome of the last one was taken or discarded.
    package var isIdle: Bool { turn.isIdle }

    /// Begins a piece. The thread must be idle.
    package func begin(_ order: Order) { turn.begin(order) }

    /// Takes the outcome of the piece that was begun; throws the error of the work. Returns nil while the
    /// piece runs, unless `wait` is true, and if none was begun.
    package func take(wait: Bool = false) throws -> Finding? { try turn.take(wait: wait) }

    /// Discards the outcome of the piece that was begun.
    package func discard() { turn.discard() }
}

/// The state that the thread and its owner share.
private final class Turn<Order: Sendable, Finding: Sendable>: @unchecked Sendable {
    private enum State {
        case idle
        case begun(Order)
        case working
        case done(Result<Finding, any Error>)
    }

    // Sound: everything below is touched only while the condition is locked.
    private let condition = NSCondition()
    private var state = State.idle
    private var isDiscarded = false
    private var isEnded = false

    private func locked<R>(_ body: () throws -> R) rethrows -> R {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body()
    }

    var isIdle: Bool {
        locked { if case .idle = state { true } else { false } }
    }

    func begin(_ order: Order) {
        locked {
            guard case .idle = state else { preconditionFailure("a piece is under way") }
            isDiscarded = false
            state = .begun(order)
        }
    }

    func take(wait: Bool) throws -> Finding? {
        try locked {
            while true {
                switch state {
                case .idle: return nil
                case .done(let outcome):
                    state = .idle
                    return try outcome.get()
                case .begun, .working:
                    guard wait else { return nil }
                    condition.wait()
                }
            }
        }
    }

    func discard() {
        locked {
            switch state {
            case .idle: break
            case .done: state = .idle
            case .begun, .working: isDiscarded = true
            }
        }
    }

    func end() { locked { isEnded = true } }

    /// Waits for a piece and does it; false if there will be no more.
    func work(_ work: (Order) throws -> Finding) -> Bool {
        guard let order = next() else { return false }
        let outcome = Result { try work(order) }
        locked { state = isDiscarded ? .idle : .done(outcome) }
        return true
    }

    private func next() -> Order? {
        locked {
            while true {
                if case .begun(let order) = state {
                    state = .working
                    return order
                }
                if isEnded { return nil }
                condition.wait()
            }
        }
    }
}
