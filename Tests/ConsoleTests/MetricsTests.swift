import Engine
import Records
import Testing

@testable import Console

@Suite struct MetricsTests {
    @Test func `the shown number of exported events is never less than that of imported events`() {
        var status = MigrationStatus(name: "m", migrationUUID: "u", exportDirectory: "/e", readAt: 1)
        var capture = CaptureStatus(direction: .forward, slotName: "s", now: 1)
        var apply = ApplyStatus(direction: .forward, now: 1)
        // The export's numbers are older than the import's.
        (capture.totalEvents, capture.eventsThisRun) = (ChangeCounts(inserts: 100), 40)
        apply.totalEvents = ChangeCounts(inserts: 107)
        (status.capture, status.apply) = (capture, apply)
        #expect(status.exportMetrics(.forward).prefix(2).map(\.value) == ["107", "47"])
        status.apply?.totalEvents = ChangeCounts(inserts: 90)
        #expect(status.exportMetrics(.forward).prefix(2).map(\.value) == ["100", "40"])
    }
}
