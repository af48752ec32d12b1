import Testing

@testable import Engine

/// When a window goes out though the log has no more for now. Times are seconds from 1000 on.
@Suite struct WindowPaceTests {
    @Test func `nothing goes out before the server is through with the window before`() {
        let pace = WindowPace()
        #expect(!pace.isDue(at: 1000, committedAt: 1000, isSettled: false))
        #expect(!pace.isDue(at: 1000, committedAt: 10, isSettled: false))
    }

    @Test func `a commit that has just been made goes out at once`() {
        var pace = WindowPace()
        pace.logGrew(at: 1000)
        #expect(pace.isDue(at: 1000, committedAt: 999.999, isSettled: true))
        pace.sent(changes: 1, at: 1000)
        #expect(pace.isDue(at: 1000.0001, committedAt: 1000, isSettled: true))
    }

    @Test func `after a window of many changes the next one waits a millisecond, to fold`() {
        var pace = WindowPace()
        pace.sent(changes: 500, at: 1000)
        #expect(!pace.isDue(at: 1000.0005, committedAt: 1000, isSettled: true))
        #expect(pace.isDue(at: 1000.0011, committedAt: 1000, isSettled: true))
    }

    @Test func `a stream that lags fills its windows as long as the log grows`() {
        var pace = WindowPace()
        pace.logGrew(at: 1000)
        #expect(!pace.isDue(at: 1000.01, committedAt: 900, isSettled: true))
        #expect(pace.isDue(at: 1000.03, committedAt: 900, isSettled: true))
    }

    @Test func `a clock that is set back holds no window`() {
        var pace = WindowPace()
        pace.logGrew(at: 1000)
        pace.sent(changes: 500, at: 1000)
        #expect(pace.isDue(at: 400, committedAt: 300, isSettled: true))
        #expect(pace.isDue(at: 400, committedAt: 400, isSettled: true))
    }

    @Test func `an origin whose clock is ahead does not hold a window back`() {
        var pace = WindowPace()
        pace.logGrew(at: 1000)
        #expect(pace.isDue(at: 1000, committedAt: 1060, isSettled: true))
    }
}
