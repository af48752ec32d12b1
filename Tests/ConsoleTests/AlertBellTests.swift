import Console
import Engine
import Testing

@Suite struct AlertBellTests {
    @Test func `the bell rings once for an error, and not for a warning`() {
        var bell = AlertBell()
        #expect(!bell.rings(for: [Need(.warning, "slow")], at: 0))
        #expect(bell.rings(for: [Need(.error, "stopped")], at: 1))
        #expect(!bell.rings(for: [Need(.error, "stopped")], at: 100))
        #expect(bell.rings(for: [Need(.error, "stopped"), Need(.error, "full")], at: 101))
        #expect(!bell.rings(for: [], at: 102))
        #expect(bell.rings(for: [Need(.error, "stopped")], at: 103))
    }

    @Test func `it rings every ten seconds while something is critical, six times at most`() {
        var bell = AlertBell()
        let needs = [Need(.critical, "the slot is lost soon")]
        let times = (0..<200).filter { bell.rings(for: needs, at: Double($0)) }
        #expect(times == [0, 10, 20, 30, 40, 50])
    }
}
