import Foundation
import Records
import Testing

@testable import Engine

/// Acknowledgements, and what the journal keeps of the alerts.
@Suite struct AcknowledgementTests {
    @Test func `an acknowledgement holds while the alert lasts and gets no worse`() {
        var sample = AlertSample()
        sample.status.capture?.walStatus = "extended"
        sample.facts.kept[.slotAtRisk] = KeptAlert(.slotAtRisk, .warning, since: 500, sentence: "")
        sample.facts.acknowledgements = [Acknowledgement(.slotAtRisk, .warning, by: "ada", at: 600)]
        #expect(sample.alerts.first?.acknowledgement?.at == 600)
        sample.status.capture?.walStatus = "unreserved"
        #expect(sample.alerts.first?.isAcknowledged == false)
        // It ended, and began again.
        sample.status.capture?.walStatus = "extended"
        sample.facts.kept[.slotAtRisk] = KeptAlert(.slotAtRisk, .warning, since: 700, sentence: "")
        #expect(sample.alerts.first?.isAcknowledged == false)
    }

    @Test func `the consequences of an acknowledged alert are not open, unless they are worse`() {
        var sample = AlertSample()
        sample.loseServer(.source)
        sample.facts.acknowledgements = [Acknowledgement(.serverAway(.source), .error, by: "ada", at: 950)]
        sample.status.alerts = sample.alerts
        #expect(sample.ids == [.serverAway(.source), .roleRetries(.capture)])
        #expect(sample.status.openAlerts.isEmpty)
        sample.status.alerts[1].severity = .critical
        #expect(sample.status.openAlerts.map(\.id) == [.roleRetries(.capture)])
    }

    @Test(arguments: [
        AlertID.serverAway(.source), .noWorker(.apply), .stale(.capture), .roleStopped(.apply),
        .roleRetries(.capture), .roleWaits(.apply), .rolePaused(.capture), .slotAtRisk, .diskAtRisk,
        .queueAtRisk, .notCatchingUp, .paused, .tableSetAside("public.订单"),
        .tableSetAside(QualifiedName(schema: "a:b", name: "c.d")), .newTable("s.t"), .incidentStops,
        .incidentsStashed, .indexesMissing, .gatesRefuse, .sessionInTheWay("prepared transaction a:b"),
        .cutoverWaits(.quiesce), .cutoverAwaitsApproval, .cutoverIsBeingAborted, .cutoverAborted,
    ]) func `the text of an alert's identity reads back as the same identity`(id: AlertID) throws {
        #expect(AlertID(parsing: id.description) == id)
        let decoded = try JSONDecoder().decode([AlertID].self, from: JSONEncoder().encode([id]))
        #expect(decoded == [id])
        #expect(AlertID(parsing: "noSuchAlert:x") == nil && AlertID(parsing: "roleStopped:x") == nil)
    }

    // MARK: What is kept

    @Test func `a cause that lasts is logged once, its end too, and its consequences are not`() {
        var sample = AlertSample()
        sample.loseServer(.source)
        var kept = KeptAlerts()
        #expect(kept.take(sample.alerts, at: 1000) == [])
        #expect(kept.take(sample.alerts, at: 1002).map(\.severity) == [.error])
        #expect(kept.take(sample.alerts, at: 1004) == [])
        #expect(kept.byID[.serverAway(.source)]?.since == 900)
        #expect(kept.take([], at: 1010) == [])
        let over = kept.take([], at: 1020)
        #expect(over.map(\.severity) == [.info] && over[0].message.hasPrefix("over after 110 s: The source"))
        #expect(kept == KeptAlerts())
    }

    @Test func `an alert that is gone for a moment is the same one, and one that gets worse is logged again`()
    {
        var sample = AlertSample()
        sample.status.capture?.walStatus = "extended"
        var kept = KeptAlerts()
        _ = kept.take(sample.alerts, at: 1000)
        #expect(kept.take(sample.alerts, at: 1002).count == 1)
        _ = kept.take([], at: 1004)
        #expect(kept.take(sample.alerts, at: 1006) == [])
        #expect(kept.byID[.slotAtRisk]?.since == 1000)
        sample.status.capture?.walStatus = "unreserved"
        #expect(kept.take(sample.alerts, at: 1008).map(\.severity) == [.critical])
    }

    @Test func `what only another version knows is passed over, and the rest is read`() throws {
        var kept = KeptAlerts()
        _ = kept.take([Alert(.slotAtRisk, .error, "It fills.", since: 5, unblocker: "you")], at: 10)
        var document = String(decoding: try JSONEncoder().encode(kept), as: UTF8.self)
        document = document.replacing(
            "\"alerts\":[",
            with: "\"alerts\":[{\"alert\":\"later:x\",\"severity\":\"grave\",\"since\":1},")
        let read = try JSONDecoder().decode(KeptAlerts.self, from: Data(document.utf8))
        #expect(read == kept && read.alerts.count == 1)
    }
}
