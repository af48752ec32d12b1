import Foundation
import Records
import Support
import Testing

@testable import Engine

/// The alerts of a whole migration between memory servers.
@Suite struct AlertKeeperTests {
    @Test func `an alert is kept, logged and acknowledged, and another process knows all of it`()
        async throws
    {
        let site = try MemorySite()
        try await site.goLive()
        site.source.setOpenWriters([
            OpenWriter(processID: "7", user: "shop", application: "batch", ageSeconds: 300)
        ])
        let migration = site.migration
        let id = AlertID.sessionInTheWay("7")
        try await eventually("the alert is logged") {
            try migration.events(after: 0, limit: 100).contains {
                $0.origin == "alert" && $0.level == .warning && $0.message.contains("Session 7 (shop, batch)")
            }
        }
        #expect(throws: RequestRefused.self) {
            try migration.leave(.acknowledge(.slotAtRisk, severity: .error), by: "ada")
        }
        _ = try migration.leave(.acknowledge(id, severity: .warning), by: "ada")

        let other = try Migration(existing: site.directory)
        let alert = try #require(try other.status().alerts.first { $0.id == id })
        #expect(alert.acknowledgement?.by == "ada")
        #expect(alert.since.map { secondsNow() - $0 >= 290 } == true)
        let kept = try #require(try other.keptAlerts().byID[id])
        #expect(kept.isLogged && kept.severity == .warning)
        #expect(
            try migration.events(after: 0, limit: 100).contains {
                $0.message == "acknowledge sessionInTheWay:7, by ada"
            })
        site.source.setOpenWriters([])
        try await eventually("the alert is over") {
            try !other.status().alerts.contains { $0.id == id }
        }
        try await site.stopWorker()
    }

    @Test func `the cause of a stop is shown, and not how the other role ended`() async throws {
        let site = try MemorySite()
        try site.source.commit([.insertItem(1, "one")])
        try await site.goLive()
        try await site.awaitEqual()
        try site.target.commit([.deleteItem(1)])
        try site.source.commit([.updateItem(1, "changed")])
        let migration = site.migration
        try await eventually("the import has stopped, and the export waits for it") {
            let status = try migration.status()
            return status.apply?.state.word == .stopped && status.capture?.state.word == .waiting
        }
        let alerts = try migration.status().alerts
        let stop = try #require(alerts.first)
        #expect(alerts.allSatisfy { !$0.sentence.contains("CancellationError") }, "\(alerts)")
        #expect(stop.id == .incidentStops || stop.id == .roleStopped(.apply), "\(alerts)")
        #expect(stop.severity == .error && stop.since != nil)
        #expect(
            alerts.dropFirst().first { $0.id == .roleWaits(.capture) }?.consequenceOf == stop.id, "\(alerts)")
        try await site.stopWorker()
    }
}
