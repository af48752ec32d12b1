import Console
import Testing

@Suite struct WorkerWatchTests {
    @Test func `a worker that is gone is started at once and named`() {
        var watch = WorkerWatch()
        #expect(watch.look(isAlive: true, isWanted: true, process: 42, now: 0) == .nothing)
        #expect(watch.alert == nil)
        #expect(watch.look(isAlive: false, isWanted: true, process: nil, now: 1) == .start)
        #expect(watch.alert?.text == "The worker is gone (was process 42); starting it again.")
    }

    @Test func `a started worker is given time to take its lock`() {
        var watch = WorkerWatch()
        #expect(watch.look(isAlive: false, isWanted: true, process: nil, now: 0) == .start)
        watch.started(7, now: 0)
        #expect(watch.look(isAlive: false, isWanted: true, process: nil, now: 1) == .nothing)
        #expect(watch.look(isAlive: true, isWanted: true, process: 7, now: 2) == .nothing)
        #expect(watch.alert?.text == "No worker was running; process 7 was started.")
    }

    @Test func `a worker that runs again is told for a while`() {
        var watch = WorkerWatch()
        _ = watch.look(isAlive: true, isWanted: true, process: 42, now: 0)
        _ = watch.look(isAlive: false, isWanted: true, process: nil, now: 1)
        watch.started(43, now: 1)
        _ = watch.look(isAlive: true, isWanted: true, process: 43, now: 2)
        #expect(watch.alert?.text == "The worker was gone (was process 42); it runs again as process 43.")
        _ = watch.look(isAlive: true, isWanted: true, process: 43, now: 20)
        #expect(watch.alert == nil)
        #expect(watch.lastProcess == 43)
    }

    @Test func `attempts are bounded and the end of them is said`() {
        var watch = WorkerWatch()
        var starts = 0
        for second in 0..<600
        where watch.look(isAlive: false, isWanted: true, process: nil, now: Double(second)) == .start {
            starts += 1
            watch.failed("the disk is full")
        }
        #expect(starts == WorkerWatch.attemptsMax)
        #expect(
            watch.alert?.text == "The worker did not start in 5 attempts: the disk is full. W tries again.")
        watch.startOver()
        #expect(watch.look(isAlive: false, isWanted: true, process: nil, now: 600) == .start)
    }

    @Test func `waits between attempts grow`() {
        var watch = WorkerWatch()
        var times: [Double] = []
        for tenth in 0..<1200 {
            let now = Double(tenth) / 10
            if watch.look(isAlive: false, isWanted: true, process: nil, now: now) == .start {
                times.append(now)
            }
        }
        #expect(times == [0, 5, 10, 15, 23])
    }

    @Test func `nobody starts a worker that is not wanted or was stopped by the operator`() {
        var watch = WorkerWatch()
        #expect(watch.look(isAlive: false, isWanted: false, process: nil, now: 0) == .nothing)
        watch.isStoppedByOperator = true
        #expect(watch.look(isAlive: false, isWanted: true, process: nil, now: 1) == .nothing)
        #expect(watch.alert?.text == "The worker was stopped; nothing moves. W starts it.")
    }

    @Test func `a worker that lived long has its failures forgiven`() {
        var watch = WorkerWatch()
        #expect(watch.look(isAlive: false, isWanted: true, process: nil, now: 0) == .start)
        watch.started(7, now: 0)
        _ = watch.look(isAlive: true, isWanted: true, process: 7, now: 1)
        _ = watch.look(isAlive: true, isWanted: true, process: 7, now: 40)
        #expect(watch.attempts == 0)
    }
}
