import Testing

@testable import Engine

/// The decision whether a window goes out although the log has no more for now. Times are seconds from 1000
/// on.
@Suite struct WindowPaceTests {
    @Test func `the first window of a backlog is worthwhile early, later ones when they are twice as large`()
    {
        var pace = WindowPace()
        #expect(!pace.isWorthwhile(changes: 15_999, bytes: 1000))
        #expect(pace.isWorthwhile(changes: 16_000, bytes: 1000))
        pace.sent(changes: 20_000, at: 1000)
        #expect(!pace.isWorthwhile(changes: 39_999, bytes: 1000))
        #expect(pace.isWorthwhile(changes: 40_000, bytes: 1000))
        pace.sent(changes: 150_000, at: 1000)
        #expect(pace.isWorthwhile(changes: 64_000, bytes: 1000))
        pace.sent(changes: 1, at: 1000)
        #expect(pace.isWorthwhile(changes: 16_000, bytes: 1000))
    }

    @Test func `a window of few large rows is worthwhile by its bytes`() {
        #expect(WindowPace().isWorthwhile(changes: 10, bytes: 4 << 20))
        #expect(!WindowPace().isWorthwhile(changes: 10, bytes: (4 << 20) - 1))
    }

    @Test func `a commit that has just been made goes out at once`() {
        var pace = WindowPace()
        pace.logGrew(at: 1000)
        #expect(pace.isDue(at: 1000, committedAt: 999.999))
        pace.sent(changes: 1, at: 1000)
        #expect(pace.isDue(at: 1000.0001, committedAt: 1000))
    }

    @Test func `after a window of many changes the next one waits a millisecond, to fold`() {
        var pace = WindowPace()
        pace.sent(changes: 500, at: 1000)
        #expect(!pace.isDue(at: 1000.0005, committedAt: 1000))
        #expect(pace.isDue(at: 1000.0011, committedAt: 1000))
    }

    @Test func `a stream that lags fills its windows as long as the log grows`() {
        var pace = WindowPace()
        pace.logGrew(at: 1000)
        #expect(!pace.isDue(at: 1000.01, committedAt: 900))
        #expect(pace.isDue(at: 1000.03, committedAt: 900))
    }

    @Test func `a clock that is set back delays no window`() {
        var pace = WindowPace()
        pace.logGrew(at: 1000)
        pace.sent(changes: 500, at: 1000)
        #expect(pace.isDue(at: 400, committedAt: 300))
        #expect(pace.isDue(at: 400, committedAt: 400))
    }

    @Test func `an origin whose clock is ahead delays no window`() {
        var pace = WindowPace()
        pace.logGrew(at: 1000)
        #expect(pace.isDue(at: 1000, committedAt: 1060))
    }
}
