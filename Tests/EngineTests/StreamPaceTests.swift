import Testing

@testable import Engine

@Suite struct StreamPaceTests {
    private func isBusy(messages: Int, of bytes: Int = 80, within seconds: Double) -> Bool {
        var pace = StreamPace(connectedAt: 0, gathersAtSender: false)
        _ = pace.pauseMicroseconds(emptyAt: 100, committedAt: 100)
        for _ in 0..<messages { pace.received(bytes: bytes) }
        return pace.pauseMicroseconds(emptyAt: 100 + seconds, committedAt: 100) != nil
    }

    @Test("a stream is busy only where many messages come at once") func busy() {
        #expect(isBusy(messages: 200, within: 0.0005))
        // A commit a millisecond, and a large one after a silence.
        #expect(!isBusy(messages: 6, within: 0.001))
        #expect(!isBusy(messages: 7, within: 0.0001))
        #expect(!isBusy(messages: 63, within: 1))
        // Of large ones there have to be more at once.
        #expect(!isBusy(messages: 15, of: 1000, within: 0.0001))
        #expect(isBusy(messages: 15, of: 80, within: 0.0001))
        #expect(isBusy(messages: 64, of: 1000, within: 0.0005))
    }

    @Test("a clock that is set back makes nobody wait long") func clock() {
        #expect(isBusy(messages: 8, within: -5))
        #expect(!isBusy(messages: 7, within: -5))
    }

    @Test("what was counted once is not counted again") func countsAnew() {
        var pace = StreamPace(connectedAt: 0, gathersAtSender: false)
        for _ in 0..<100 { pace.received(bytes: 80) }
        _ = pace.pauseMicroseconds(emptyAt: 0.0001, committedAt: 0)
        let pause = pace.pauseMicroseconds(emptyAt: 0.0002, committedAt: 0)
        #expect(pause == nil)
    }

    @Test("only a busy stream that lags, of an origin on this host, is left alone for long") func gathers() {
        func pace(gathersAtSender: Bool, messages: Int, committedAt: Double) -> (
            pause: UInt32?, isGathering: Bool
        ) {
            var pace = StreamPace(connectedAt: 0, gathersAtSender: gathersAtSender)
            for _ in 0..<messages { pace.received(bytes: 80) }
            let pause = pace.pauseMicroseconds(emptyAt: 100, committedAt: committedAt)
            return (pause, pace.isGathering)
        }
        let lagging = pace(gathersAtSender: true, messages: 100, committedAt: 90)
        let level = pace(gathersAtSender: true, messages: 100, committedAt: 99.5)
        let remote = pace(gathersAtSender: false, messages: 100, committedAt: 90)
        let idle = pace(gathersAtSender: true, messages: 3, committedAt: 90)
        #expect(lagging.isGathering && !level.isGathering && !remote.isGathering && !idle.isGathering)
        #expect(level.pause != nil && level.pause == remote.pause && idle.pause == nil)
        #expect(lagging.pause! > 10 * level.pause!)
        // By a clock that was set back nothing lags.
        #expect(!pace(gathersAtSender: true, messages: 100, committedAt: 200).isGathering)
    }

    @Test("large messages are as busy by their bytes, though each is taken before the next is there")
    func fast() {
        func pauses(bytesPerSecond: Int) -> Int {
            var pace = StreamPace(connectedAt: 100, gathersAtSender: false)
            // A message every 100 µs, and the buffer empty after each.
            return (1...100).count { number in
                pace.received(bytes: bytesPerSecond / 10_000)
                return pace.pauseMicroseconds(emptyAt: 100 + Double(number) / 10_000, committedAt: 100) != nil
            }
        }
        #expect(pauses(bytesPerSecond: 5_000_000) == 0)
        // The rate is known after a millisecond.
        #expect(pauses(bytesPerSecond: 10_000_000) > 80)
    }

    @Test("what has gathered is read to its end, and then nobody runs after single messages") func takesIn() {
        var pace = StreamPace(connectedAt: 0, gathersAtSender: true)
        var takesIn = pace.takesInMore()
        #expect(!takesIn)
        for _ in 0..<100 { pace.received(bytes: 80) }
        _ = pace.pauseMicroseconds(emptyAt: 100, committedAt: 90)
        #expect(pace.isGathering)
        for _ in 0..<100 {
            for _ in 0..<20 { pace.received(bytes: 800) }
            takesIn = pace.takesInMore()
            #expect(takesIn)
        }
        // The window of the connection may take a moment to open.
        func takings(_ messages: Int) -> Int {
            var count = 0
            while count < 1000, pace.takesInMore() {
                for _ in 0..<messages { pace.received(bytes: 800) }
                count += 1
            }
            return count
        }
        let single = takings(1)
        #expect((4...100).contains(single))
        _ = pace.pauseMicroseconds(emptyAt: 100.02, committedAt: 90)
        for _ in 0..<20 { pace.received(bytes: 800) }
        let many = takings(20)
        #expect(many == 1000)
    }

    @Test("a stream that has caught up is no longer left alone") func catchesUp() {
        var pace = StreamPace(connectedAt: 0, gathersAtSender: true)
        for _ in 0..<100 { pace.received(bytes: 80) }
        _ = pace.pauseMicroseconds(emptyAt: 100, committedAt: 90)
        #expect(pace.isGathering)
        let pause = pace.pauseMicroseconds(emptyAt: 100.02, committedAt: 100)
        #expect(pause == nil && !pace.isGathering)
    }

    @Test("between two transactions nobody wakes for less than the smallest one") func wakes() {
        func envelope(_ message: Int) -> Int32 { Int32(5 + 25 + message) }
        // Begin, a truncate of one table, commit (manual chapter "Logical Replication Message Formats").
        let smallest = envelope(1 + 8 + 8 + 4) + envelope(1 + 4 + 1 + 4) + envelope(1 + 1 + 8 + 8 + 8)
        #expect(StreamPace.wakeBytes(isInTransaction: false) <= smallest)
        #expect(StreamPace.wakeBytes(isInTransaction: false) > smallest - 10)
        #expect(StreamPace.wakeBytes(isInTransaction: true) == 1)
    }
}
