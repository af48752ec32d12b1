import Engine
import Records
import Testing

@testable import Console

@Suite struct MetricsTests {
    @Test func `what was imported is never more than what is shown as exported`() {
        var status = MigrationStatus(name: "m", migrationUUID: "u", exportDirectory: "/e", readAt: 1)
        var capture = CaptureStatus(direction: .forward, slotName: "s", now: 1)
        var apply = ApplyStatus(direction: .forward, now: 1)
        // What the export published is older than what the import did.
        (capture.totalEvents, capture.eventsThisRun) = (ChangeCounts(inserts: 100), 40)
        apply.totalEvents = ChangeCounts(inserts: 107)
        (status.capture, status.apply) = (capture, apply)
        #expect(status.exportMetrics(.forward).prefix(2).map(\.value) == ["107", "47"])
        status.apply?.totalEvents = ChangeCounts(inserts: 90)
        #expect(status.exportMetrics(.forward).prefix(2).map(\.value) == ["100", "40"])
    }
}
