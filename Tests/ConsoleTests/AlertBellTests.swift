import Console
import Engine
import Testing

@Suite struct AlertBellTests {
    @Test func `the bell rings once for an error, and not for a warning`() {
        var bell = AlertBell()
        let (slow, stopped, full) = (Need(.warning, "slow"), Need(.error, "stopped"), Need(.error, "full"))
        let heard = [[slow], [stopped], [stopped], [stopped, full], [], [stopped]].enumerated().map {
            bell.rings(for: $0.element, at: Double($0.offset * 100))
        }
        #expect(heard == [false, true, false, true, false, true])
    }

    @Test func `it rings every ten seconds while something is critical, six times at most`() {
        var bell = AlertBell()
        let needs = [Need(.critical, "the slot is lost soon")]
        let times = (0..<200).filter { bell.rings(for: needs, at: Double($0)) }
        #expect(times == [0, 10, 20, 30, 40, 50])
    }
}
