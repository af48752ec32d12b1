import Console
import Testing

@Suite struct WorkerMonitorTests {
    @Test func `a worker that is gone is restarted at once and named`() {
        var monitor = WorkerMonitor()
        #expect(monitor.check(isAlive: true, isWanted: true, process: 42, now: 0) == .nothing)
        #expect(monitor.alert == nil)
        #expect(monitor.check(isAlive: false, isWanted: true, process: nil, now: 1) == .start)
        #expect(monitor.alert?.text == "The worker is gone (was process 42); starting it again.")
    }

    @Test func `a started worker gets time to take its lock`() {
        var monitor = WorkerMonitor()
        #expect(monitor.check(isAlive: false, isWanted: true, process: nil, now: 0) == .start)
        monitor.started(7, now: 0)
        #expect(monitor.check(isAlive: false, isWanted: true, process: nil, now: 1) == .nothing)
        #expect(monitor.check(isAlive: true, isWanted: true, process: 7, now: 2) == .nothing)
        #expect(monitor.alert?.text == "No worker was running; process 7 was started.")
    }

    @Test func `a worker that runs again is reported for a while`() {
        var monitor = WorkerMonitor()
        _ = monitor.check(isAlive: true, isWanted: true, process: 42, now: 0)
        _ = monitor.check(isAlive: false, isWanted: true, process: nil, now: 1)
        monitor.started(43, now: 1)
        _ = monitor.check(isAlive: true, isWanted: true, process: 43, now: 2)
        #expect(monitor.alert?.text == "The worker was gone (was process 42); it runs again as process 43.")
        _ = monitor.check(isAlive: true, isWanted: true, process: 43, now: 20)
        #expect(monitor.alert == nil)
        #expect(monitor.lastProcess == 43)
    }

    @Test func `attempts are bounded and the last failure is reported`() {
        var monitor = WorkerMonitor()
        var starts = 0
        for second in 0..<600
        where monitor.check(isAlive: false, isWanted: true, process: nil, now: Double(second)) == .start {
            starts += 1
            monitor.failed("the disk is full")
        }
        #expect(starts == WorkerMonitor.attemptsMax)
        #expect(
            monitor.alert?.text == "The worker did not start in 5 attempts: the disk is full. w tries again.")
        monitor.startOver()
        #expect(monitor.check(isAlive: false, isWanted: true, process: nil, now: 600) == .start)
    }

    @Test func `waits between attempts grow`() {
        var monitor = WorkerMonitor()
        var times: [Double] = []
        for tenth in 0..<1200 {
            let now = Double(tenth) / 10
            if monitor.check(isAlive: false, isWanted: true, process: nil, now: now) == .start {
                times.append(now)
            }
        }
        #expect(times == [0, 5, 10, 15, 23])
    }

    @Test func `nobody starts a worker that is not wanted or was stopped by the operator`() {
        var monitor = WorkerMonitor()
        #expect(monitor.check(isAlive: false, isWanted: false, process: nil, now: 0) == .nothing)
        monitor.isStoppedByOperator = true
        #expect(monitor.check(isAlive: false, isWanted: true, process: nil, now: 1) == .nothing)
        #expect(monitor.alert?.text == "The worker was stopped; nothing is copied or applied. w starts it.")
    }

    @Test func `after a long uptime earlier attempts no longer count`() {
        var monitor = WorkerMonitor()
        #expect(monitor.check(isAlive: false, isWanted: true, process: nil, now: 0) == .start)
        monitor.started(7, now: 0)
        _ = monitor.check(isAlive: true, isWanted: true, process: 7, now: 1)
        _ = monitor.check(isAlive: true, isWanted: true, process: 7, now: 40)
        #expect(monitor.attempts == 0)
    }
}
