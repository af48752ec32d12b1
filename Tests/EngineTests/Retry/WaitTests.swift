import Records
import Testing

@testable import Engine

/// The length of the waits between retries.
@Suite struct WaitTests {
    @Test func `waits double, stay below their bound, and begin anew after a success`() {
        var backoff = Backoff()
        #expect((0..<9).map { _ in backoff.next() } == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
        for _ in 0..<1000 { #expect(backoff.next() == 5000) }
        backoff.reset()
        #expect(backoff.next() == 100)
    }

    @Test func `a clock that was set back has passed every wait`() {
        #expect(!hasPassed(5, since: 100, at: 104.9))
        #expect(hasPassed(5, since: 100, at: 105))
        #expect(hasPassed(5, since: 100, at: 99.9))
        #expect(monotonicSeconds() > 0)
    }
}
