import Postgres
import Records
import Testing

@testable import Engine

@Suite struct StreamPaceTests {
    /// Whether a stream is busy after messages that come one by one, with the buffer empty after the last.
    private func isBusy(messages: Int, of bytes: Int = 80, within seconds: Double) -> Bool {
        var pace = StreamPace(connectedAt: 0, way: .network)
        _ = pace.pauseMicroseconds(emptyAt: 100, committedAt: 100)
        for _ in 0..<messages { pace.received(bytes: bytes) }
        return pace.pauseMicroseconds(emptyAt: 100 + seconds, committedAt: 100) != nil
    }

    @Test("a stream is busy only if many messages come at once, or small ones at a high rate") func busy() {
        #expect(isBusy(messages: 200, within: 0.0005))
        // A commit each millisecond, and a large one after a pause.
        #expect(!isBusy(messages: 6, within: 0.001))
        #expect(!isBusy(messages: 15, within: 0.0001))
        #expect(!isBusy(messages: 63, within: 1))
        #expect(isBusy(messages: 21, within: 0.00101))
        // Large messages have to be more at once.
        #expect(!isBusy(messages: 21, of: 300, within: 0.00101))
        #expect(isBusy(messages: 64, of: 1000, within: 0.0005))
    }

    @Test("a high rate of small messages is noticed, even if each is taken before the next is there")
    func dense() {
        func pauses(everyMicroseconds step: Int) -> Int {
            var pace = StreamPace(connectedAt: 100, way: .unixSocket)
            return (1...100).count { number in
                pace.received(bytes: 80)
                let now = 100 + Double(number * step) / 1_000_000
                return pace.pauseMicroseconds(emptyAt: now, committedAt: now) != nil
            }
        }
        #expect(pauses(everyMicroseconds: 60) == 0)
        // The rate is known after a millisecond.
        #expect(pauses(everyMicroseconds: 40) > 70)
    }

    @Test("a clock that is set back causes no long wait") func clock() {
        #expect(isBusy(messages: 64, within: -5))
        #expect(!isBusy(messages: 63, within: -5))
    }

    @Test("a message is counted once") func countsAnew() {
        var pace = StreamPace(connectedAt: 0, way: .network)
        for _ in 0..<100 { pace.received(bytes: 80) }
        _ = pace.pauseMicroseconds(emptyAt: 0.0001, committedAt: 0)
        let pause = pace.pauseMicroseconds(emptyAt: 0.0002, committedAt: 0)
        #expect(pause == nil)
    }

    @Test("only a busy stream that lags, from an origin on this host, gets long pauses") func gathers() {
        func pace(_ way: StreamWay, messages: Int, committedAt: Double) -> (
            pause: UInt32?, readsAll: Bool
        ) {
            var pace = StreamPace(connectedAt: 0, way: way)
            for _ in 0..<messages { pace.received(bytes: 80) }
            let pause = pace.pauseMicroseconds(emptyAt: 100, committedAt: committedAt)
            return (pause, pace.readsAll)
        }
        let lagging = pace(.loopback, messages: 100, committedAt: 90)
        let level = pace(.loopback, messages: 100, committedAt: 99.5)
        let remote = pace(.network, messages: 100, committedAt: 90)
        let bySocket = pace(.unixSocket, messages: 100, committedAt: 90)
        let idle = pace(.loopback, messages: 3, committedAt: 90)
        #expect(lagging.readsAll && !level.readsAll && !remote.readsAll && !idle.readsAll)
        #expect(level.pause != nil && level.pause == remote.pause && idle.pause == nil)
        #expect(lagging.pause! > 10 * level.pause!)
        // A Unix socket holds only a few hundred messages, which take about a millisecond.
        #expect(bySocket.readsAll && bySocket.pause! > level.pause! && bySocket.pause! < 1000)
        // After the clock was set back nothing lags.
        #expect(!pace(.loopback, messages: 100, committedAt: 200).readsAll)
    }

    @Test("large messages make a stream busy by their bytes, even if each is taken before the next is there")
    func fast() {
        var readsAll = false
        func pauses(bytesPerSecond: Int) -> [UInt32] {
            var pace = StreamPace(connectedAt: 100, way: .loopback)
            defer { readsAll = pace.readsAll }
            // A message every 100 µs, and the buffer empty after each.
            return (1...100).compactMap { number in
                pace.received(bytes: bytesPerSecond / 10_000)
                return pace.pauseMicroseconds(emptyAt: 100 + Double(number) / 10_000, committedAt: 90)
            }
        }
        #expect(pauses(bytesPerSecond: 5_000_000).isEmpty)
        #expect(!readsAll)
        // The rate is known after a millisecond.
        let fast = pauses(bytesPerSecond: 10_000_000)
        #expect(fast.count > 80)
        #expect(fast.allSatisfy { $0 < 1000 })
        #expect(readsAll)
    }

    @Test("a stream that has caught up gets no more long pauses") func catchesUp() {
        var pace = StreamPace(connectedAt: 0, way: .loopback)
        for _ in 0..<100 { pace.received(bytes: 80) }
        _ = pace.pauseMicroseconds(emptyAt: 100, committedAt: 90)
        #expect(pace.readsAll)
        let pause = pace.pauseMicroseconds(emptyAt: 100.02, committedAt: 100)
        #expect(pause == nil && !pace.readsAll)
    }

    @Test("between two transactions the reader does not wake for less than the smallest one") func wakes() {
        func envelope(_ message: Int) -> Int32 { Int32(5 + 25 + message) }
        // Begin, a truncate of one table, commit (manual chapter "Logical Replication Message Formats").
        let smallest = envelope(1 + 8 + 8 + 4) + envelope(1 + 4 + 1 + 4) + envelope(1 + 1 + 8 + 8 + 8)
        #expect(StreamPace.wakeBytes(isInTransaction: false) <= smallest)
        #expect(StreamPace.wakeBytes(isInTransaction: false) > smallest - 10)
        #expect(StreamPace.wakeBytes(isInTransaction: true) == 1)
    }

    @Test("the log is synced once a second, and at once if commits on the origin wait for it") func syncs() {
        var pace = StreamPace(connectedAt: 100, way: .network)
        #expect(!pace.isSyncDue(unsyncedBytes: 1, isAwaited: false, at: 100.9))
        #expect(pace.isSyncDue(unsyncedBytes: 1, isAwaited: false, at: 101.1))
        #expect(pace.isSyncDue(unsyncedBytes: 1, isAwaited: true, at: 100))
        #expect(pace.isSyncDue(unsyncedBytes: 9 << 20, isAwaited: false, at: 100))
        // After the clock was set back the time of the last sync is unknown.
        #expect(pace.isSyncDue(unsyncedBytes: 1, isAwaited: false, at: 50))
        #expect(pace.isConfirmDue(isReadingBack: false, at: -1))
        pace.syncStarted(at: 101.1)
        #expect(!pace.isSyncDue(unsyncedBytes: 1, isAwaited: false, at: 102))
    }

    @Test("between two checks of the clock come 4000 small messages, or 8 MB of large ones") func weighs() {
        #expect(StreamPace.weight(ofBytes: 100) == 1)
        let large = StreamPace.receiveMessagesMax / StreamPace.weight(ofBytes: 1 << 20)
        #expect((6...8).contains(large))
        #expect(StreamPace.weight(ofBytes: 1 << 30) > StreamPace.receiveMessagesMax)
    }
}
