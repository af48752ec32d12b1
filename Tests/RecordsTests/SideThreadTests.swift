import Foundation
import Records
import Synchronization
import Testing

@Suite struct SideThreadTests {
    private struct Refusal: Error {}

    /// Doubles what it is given once it is let; refuses what is below zero.
    private final class Doubler: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let done = DispatchSemaphore(value: 0)
        private let doubled = Mutex([Int]())

        func thread() -> SideThread<Int, Int> {
            SideThread(name: "doubler") { [self] in
                { [gate, done] number in
                    gate.wait()
                    defer { done.signal() }
                    guard number >= 0 else { throw Refusal() }
                    self.doubled.withLock { $0.append(number) }
                    return 2 * number
                }
            }
        }

        func open() { gate.signal() }
        func awaitDone() { done.wait() }
        var all: [Int] { doubled.withLock { $0 } }
    }

    @Test func `the outcome of a piece is taken once, and the owner does not wait for it`() throws {
        let doubler = Doubler()
        let thread = doubler.thread()
        #expect(thread.isIdle)
        #expect(try thread.take() == nil)
        thread.begin(21)
        #expect(try thread.take() == nil)
        #expect(!thread.isIdle)
        doubler.open()
        #expect(try thread.take(wait: true) == 42)
        #expect(thread.isIdle)
        #expect(try thread.take(wait: true) == nil)
    }

    @Test func `an error of the work is thrown to the owner once, and the next piece is done`() throws {
        let doubler = Doubler()
        let thread = doubler.thread()
        for number in [-1, 4] {
            thread.begin(number)
            doubler.open()
            if number < 0 {
                #expect(throws: Refusal.self) { try thread.take(wait: true) }
            } else {
                #expect(try thread.take(wait: true) == 8)
            }
        }
    }

    @Test func `a discarded outcome is never returned, whether the piece was done or ran`() throws {
        let doubler = Doubler()
        let thread = doubler.thread()
        thread.begin(1)
        thread.discard()
        doubler.open()
        #expect(try thread.take(wait: true) == nil)
        thread.begin(2)
        doubler.open()
        doubler.awaitDone()
        doubler.awaitDone()
        // Its outcome may not be announced yet.
        thread.discard()
        #expect(try thread.take(wait: true) == nil)
        thread.begin(3)
        doubler.open()
        #expect(try thread.take(wait: true) == 6)
    }

    @Test func `a piece that was begun is finished although its owner is gone`() {
        let doubler = Doubler()
        doubler.thread().begin(7)
        doubler.open()
        doubler.awaitDone()
        #expect(doubler.all == [7])
    }
}
