import Engine
import Foundation
import Records
import Testing

@testable import switchback

/// The alerts in the output of `status`.
@Suite struct AlertTableTests {
    private static var status: MigrationStatus {
        var status = MigrationStatus(
            name: "m", migrationUUID: "u", exportDirectory: "/e", phase: .streaming, readAt: 1_000_000)
        var away = Alert(
            .serverAway(.source), .error, "The source does not answer: Connection refused.", since: 999_900,
            unblocker: "whoever runs the server of the source")
        away.acknowledgement = Acknowledgement(.serverAway(.source), .error, by: "ada@h", at: 999_950)
        var retries = Alert(
            .roleRetries(.capture), .warning, "The export tries again.", since: 999_900, until: 1_000_060,
            then: "it ends", unblocker: "the source", actions: [.retryRole(.capture), .abortCutover])
        retries.consequenceOf = .serverAway(.source)
        status.alerts = [away, retries]
        status.servers[.source] = ServerHealth(.away, since: 999_900, lastAnsweredAt: 999_899, reason: "gone")
        return status
    }

    @Test func `a consequence is indented below its cause, with what can be done and until when`() {
        #expect(
            AlertTable.lines(Self.status) == [
                "the source does not answer since 1970-01-12 13:45:00 UTC, and did last at "
                    + "1970-01-12 13:44:59",
                "ERROR 1970-01-12 13:45:00 The source does not answer: Connection refused.",
                "  serverAway:source: unblocked by: whoever runs the server of the source; acknowledged by "
                    + "ada@h at 1970-01-12 13:45:50",
                "  WARNING 1970-01-12 13:45:00 The export tries again.",
                "    roleRetries:capture: at 1970-01-12 13:47:40 it ends; unblocked by: the source; you can: "
                    + "retry the export, abort the cutover",
            ])
    }

    @Test func `a script gets servers and alerts as JSON, with who has seen them`() throws {
        let text = try HealthTable.json(MigrationHealth(Self.status), Self.status)
        let found = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let servers = try #require(found["servers"] as? [[String: Any]])
        #expect(servers.map { $0["state"] as? String } == ["away", "unknown"])
        #expect(servers[0]["last_answered_at"] as? String == "1970-01-12T13:44:59.000000Z")
        let alerts = try #require(found["alerts"] as? [[String: Any]])
        #expect(alerts.map { $0["id"] as? String } == ["serverAway:source", "roleRetries:capture"])
        #expect(alerts[0]["acknowledged_by"] as? String == "ada@h")
        #expect(alerts[1]["consequence_of"] as? String == "serverAway:source")
        #expect(alerts[1]["severity"] as? String == "warning" && alerts[1]["then"] as? String == "it ends")
    }

    @Test func `the exit code counts what is above a warning and not acknowledged`() {
        var status = Self.status
        #expect(!status.needsOperator)
        status.alerts[0].acknowledgement = nil
        #expect(status.needsOperator)
        status.alerts.removeFirst()
        #expect(!status.needsOperator)
    }
}
