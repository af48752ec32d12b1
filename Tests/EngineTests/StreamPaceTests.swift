import Testing

@testable import Engine

@Suite struct StreamPaceTests {
    private func isBusy(messages: Int, of bytes: Int = 80, within seconds: Double) -> Bool {
        var pace = StreamPace(connectedAt: 0)
        _ = pace.isBusy(emptyAt: 100)
        for _ in 0..<messages { pace.received(bytes: bytes) }
        return pace.isBusy(emptyAt: 100 + seconds)
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
        var pace = StreamPace(connectedAt: 0)
        for _ in 0..<100 { pace.received(bytes: 80) }
        _ = pace.isBusy(emptyAt: 0.0001)
        let isBusy = pace.isBusy(emptyAt: 0.0002)
        #expect(!isBusy)
    }
}
