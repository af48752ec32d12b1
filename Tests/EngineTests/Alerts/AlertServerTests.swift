import Demo
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The alerts of migrations between servers that fail.
    @Suite(.serialized) struct AlertServerTests {
        private static let table = "create table item (id int primary key, v text);"

        @Test func `a source that was killed is the first alert, nothing behind it looks fresh, and it ends`()
            async throws
        {
            let source = try ThrowAwayCluster(named: "killed", options: .init(trust: true))
            defer { source.remove() }
            try await withSite(Self.table, on: [.source: source]) { site in
                try await site.goLive()
                try site.connect(.source).execute("insert into item values (1, 'one')")
                try await eventually("nothing remains") { try site.migration.status().remainingEvents == 0 }
                #expect(try site.migration.status().server(.source).state == .answers)
                // SIGQUIT to the postmaster.
                try source.stop(.immediate)
                let migration = site.migration
                try await eventually("the source is away", within: 20) {
                    try migration.status().alerts.first?.id == .serverAway(.source)
                }
                try await eventually("the export retries", within: 20) {
                    try migration.status().alerts.contains { $0.id == .roleRetries(.capture) }
                }
                let status = try migration.status()
                #expect(status.remainingEvents == nil && status.knownRemainingEvents == 0)
                #expect(status.timeToCatchUp == .originUnread(known: 0))
                #expect(status.gates.first { $0.name == .sourceAnswers }?.state == .red)
                let away = try #require(status.alerts.first)
                #expect(away.severity == .error && away.consequenceOf == nil)
                #expect(away.since.map { (0...30).contains(secondsNow() - $0) } == true)
                #expect(away.sentence.contains(status.sourcePlace ?? "?"), "\(away.sentence)")
                let retries = try #require(status.alerts.first { $0.id == .roleRetries(.capture) })
                #expect(retries.consequenceOf == .serverAway(.source))
                // Another console sees the same beginning.
                let other = try Migration(existing: site.directory).status().alerts.first
                #expect(other?.id == away.id && other?.since == away.since)

                try await eventually("the log has the alert", within: 20) {
                    try migration.events(after: 0, limit: 200).contains {
                        $0.origin == "alert" && $0.level == .error && $0.message.contains("does not answer")
                    }
                }

                try source.start()
                try await eventually("the source answers", within: 60) {
                    let status = try migration.status()
                    return !status.server(.source).isAway && status.remainingEvents == 0
                }
                #expect(try !migration.status().alerts.contains { $0.id == .serverAway(.source) })
            }
        }

        @Test func `a change that cannot be applied is the first alert, with the incident to open`()
            async throws
        {
            try await withSite(Self.table) { site in
                try site.connect(.source).execute("insert into item values (1, 'one')")
                try await site.goLive()
                try await eventually("the row is there") {
                    try site.value(.target, "select count(*) from item") == "1"
                }
                try site.connect(.target).execute("delete from item")
                try site.connect(.source).execute("update item set v = 'secret'")
                let migration = site.migration
                try await eventually("the import has stopped", within: 60) {
                    let status = try migration.status()
                    return status.apply?.state.word == .stopped && status.capture?.state.word == .waiting
                }
                let alerts = try migration.status().alerts
                let first = try #require(alerts.first)
                #expect(first.id == .incidentStops && first.severity == .error, "\(alerts)")
                let incident = try #require(try migration.incidents(limit: 1).first)
                #expect(first.since == incident.at && first.actions.first == .openIncident(incident.id))
                #expect(first.sentence.contains("update of public.item: the row it changes is not there"))
                for id in [AlertID.roleStopped(.apply), .roleWaits(.capture)] {
                    #expect(alerts.first { $0.id == id }?.consequenceOf == .incidentStops, "\(id)")
                }
                #expect(!alerts.contains { $0.sentence.contains("CancellationError") })
            }
        }
    }
}
