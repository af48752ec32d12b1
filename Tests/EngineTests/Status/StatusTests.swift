import Records
import Testing

@testable import Engine

/// The values that the status derives from the figures of the roles.
@Suite struct StatusTests {
    @Test func `a rate is over its span, over the run where that is shorter, and forgets`() {
        var meter = RateMeter(startedAt: 1000)
        meter.add(60, at: 1005)
        #expect(meter.rate(overSeconds: 60, at: 1010) == 6)
        meter.add(60, at: 1050)
        #expect(meter.rate(overSeconds: 60, at: 1055) == 120.0 / 55)
        #expect(meter.rate(overSeconds: 60, at: 1100) == 1)
        #expect(meter.rate(overSeconds: 60, at: 5000) == 0)
        #expect(meter.rate(overSeconds: 600, at: 4000) == 0)
    }

    @Test func `what remains and how long it takes is known only where both sides are`() {
        var status = MigrationStatus(name: "m", migrationUUID: "u", exportDirectory: "/e", readAt: 1)
        #expect(status.remainingEvents == nil && status.timeToCatchUp == .unknown)
        var capture = CaptureStatus(direction: .forward, slotName: "s", now: 1)
        var apply = ApplyStatus(direction: .forward, now: 1)
        capture.totalEvents = ChangeCounts(inserts: 100)
        apply.totalEvents = ChangeCounts(inserts: 100)
        (status.capture, status.apply) = (capture, apply)
        #expect(status.timeToCatchUp == .caughtUp)
        status.apply?.totalEvents = ChangeCounts(inserts: 40)
        #expect(status.remainingEvents == 60 && status.timeToCatchUp == .unknown)
        status.apply?.eventsPerSecondLastMinute = 20
        status.capture?.eventsPerSecondLastMinute = 10
        #expect(status.timeToCatchUp == .seconds(6))
        status.capture?.eventsPerSecondLastMinute = 20
        #expect(status.timeToCatchUp == .notCatchingUp)
        // The changes under way of a stream that keeps pace are no backlog.
        status.apply?.totalEvents = ChangeCounts(inserts: 90)
        #expect(status.timeToCatchUp == .seconds(0.5))
        status.apply?.direction = .reverse
        #expect(status.remainingEvents == nil)
    }

    @Test func `the lag of the last commit is not shown as that of changes that wait and are not applied`() {
        var status = MigrationStatus(name: "m", migrationUUID: "u", exportDirectory: "/e", readAt: 100)
        #expect(status.commitLagSeconds == nil)
        var capture = CaptureStatus(direction: .forward, slotName: "s", now: 1)
        var apply = ApplyStatus(direction: .forward, now: 1)
        capture.totalEvents = ChangeCounts(inserts: 100)
        apply.totalEvents = ChangeCounts(inserts: 40)
        (apply.commitLagSeconds, apply.commitLagAt) = (0.5, 99)
        (status.capture, status.apply) = (capture, apply)
        #expect(status.commitLagSeconds == 0.5)
        status.readAt = 110
        #expect(status.commitLagSeconds == nil)
        status.apply?.totalEvents = ChangeCounts(inserts: 100)
        #expect(status.commitLagSeconds == 0.5)
    }
}
