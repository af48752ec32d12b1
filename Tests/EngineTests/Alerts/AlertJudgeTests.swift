import Records
import Testing

@testable import Engine

/// The alerts as the engine judges them: which there are, how severe they are, and which is the cause.
@Suite struct AlertJudgeTests {
    @Test func `a migration without a fault has no alert, and one that has ended has none at all`() {
        #expect(AlertSample().ids == [])
        #expect(AlertSample(.fallBack).ids == [])
        var ended = AlertSample()
        ended.loseServer(.source)
        ended.status.phase = .ended
        #expect(ended.ids == [])
    }

    /// One fault after the other: what is done to the sample, and the alert that it leads to.
    @Test func `every fault alone is one alert with its severity, its time and the action that mends it`() {
        struct Case {
            let id: AlertID
            let severity: Severity
            let since: Double?
            let action: AlertAction?
            let fault: (inout AlertSample) -> Void
        }
        let cases: [Case] = [
            Case(id: .noWorker(.apply), severity: .error, since: 1000, action: .startWorker) {
                $0.status.processIDs[.apply] = nil
            },
            Case(id: .stale(.capture), severity: .error, since: 980, action: nil) {
                $0.status.capture?.publishedAt = 980
            },
            Case(
                id: .roleStopped(.capture), severity: .error, since: 940, action: .retryRole(.capture)
            ) {
                $0.status.capture?.state = RoleState(word: .stopped, reason: "the slot is gone", since: 940)
            },
            Case(id: .roleRetries(.apply), severity: .warning, since: 970, action: nil) {
                $0.status.apply?.state = RoleState(word: .retrying, reason: "deadlock", since: 999)
                $0.status.apply?.retries.add("deadlock", at: 970, waitMilliseconds: 100)
                $0.status.apply?.retries.add("deadlock", at: 990, waitMilliseconds: 100)
            },
            Case(id: .roleWaits(.capture), severity: .info, since: 930, action: nil) {
                $0.status.capture?.state = RoleState(word: .waiting, reason: "for a slot", since: 930)
            },
            Case(id: .slotAtRisk, severity: .warning, since: nil, action: nil) {
                $0.status.capture?.walStatus = "extended"
            },
            Case(id: .slotAtRisk, severity: .error, since: nil, action: nil) {
                $0.status.capture?.safeWALBytes = 1 << 10
            },
            Case(id: .slotAtRisk, severity: .critical, since: nil, action: nil) {
                $0.status.capture?.walStatus = "unreserved"
            },
            Case(id: .diskAtRisk, severity: .warning, since: nil, action: .setDiskLimits) {
                $0.status.capture?.diskFreeBytes = 600 << 20
            },
            Case(id: .diskAtRisk, severity: .error, since: nil, action: .setDiskLimits) {
                $0.status.capture?.diskFreeBytes = 100 << 20
            },
            Case(id: .diskAtRisk, severity: .error, since: nil, action: .setDiskLimits) {
                $0.status.diskLimits.freeBytesMin = .max
            },
            Case(id: .queueAtRisk, severity: .warning, since: nil, action: .setDiskLimits) {
                $0.status.diskLimits.queueBytesMax = 100 << 20
                $0.status.capture?.unappliedBytes = 90 << 20
            },
            Case(id: .queueAtRisk, severity: .error, since: nil, action: .setDiskLimits) {
                $0.status.diskLimits.queueBytesMax = 100 << 20
                $0.status.capture?.unappliedBytes = 101 << 20
            },
            Case(id: .notCatchingUp, severity: .warning, since: nil, action: nil) { $0.fallBehind() },
            Case(id: .paused, severity: .warning, since: 910, action: .resume) {
                $0.status.isPaused = true
                $0.status.apply?.state = RoleState(word: .paused, reason: "by the operator", since: 910)
            },
            Case(
                id: .tableSetAside(AlertSample.item), severity: .error, since: 800,
                action: .retryTable(AlertSample.item)
            ) {
                $0.status.tables[0].note = TableNote(word: .setAside, reason: "it lacks v", since: 800)
            },
            Case(
                id: .newTable(AlertSample.item), severity: .error, since: 800,
                action: .excludeTable(AlertSample.item)
            ) {
                $0.status.tables[0].note = TableNote(word: .new, reason: "new", since: 800)
            },
            Case(id: .incidentsStashed, severity: .warning, since: nil, action: nil) {
                $0.status.tables[0].incidents[.forward] = IncidentCounts(stashed: 3)
            },
            Case(id: .indexesMissing, severity: .warning, since: 990, action: .importIndexes) {
                $0.status.gates = [
                    Gate(.indexes, title: "", .red, found: "index i is missing", readAt: 990)
                ]
            },
            Case(id: .gatesRefuse, severity: .warning, since: 990, action: .showGates) {
                $0.status.gates = [
                    Gate(.targetRights, title: "", .red, found: "a right is missing", readAt: 990)
                ]
            },
            Case(
                id: .sessionInTheWay("4711"), severity: .warning, since: 900,
                action: .endSession(AlertSample.writer("4711", ageSeconds: 90), on: .source)
            ) {
                $0.status.writers = SeenWriters(
                    [
                        AlertSample.writer("4711", ageSeconds: 90), AlertSample.writer("12", ageSeconds: 3),
                    ], on: .source, readAt: 990)
            },
            Case(id: .cutoverAwaitsApproval, severity: .warning, since: 980, action: .approve) {
                $0.cutOver(at: .approval)
            },
            Case(id: .cutoverWaits(.drain), severity: .warning, since: 980, action: .abortCutover) {
                $0.cutOver(at: .drain)
            },
        ]
        for each in cases {
            var sample = AlertSample()
            each.fault(&sample)
            let alerts = sample.alerts
            #expect(alerts.map(\.id) == [each.id], "\(each.id)")
            #expect(alerts.first?.severity == each.severity, "\(each.id)")
            #expect(alerts.first?.since == each.since, "\(each.id)")
            #expect(alerts.first?.action == each.action, "\(each.id)")
            #expect(alerts.first?.sentence.isEmpty == false && alerts.first?.unblocker.isEmpty == false)
        }
    }

    // MARK: Causes

    @Test(arguments: Side.allCases)
    func `a server that does not answer comes first, and the rest is its work`(
        side: Side
    ) throws {
        var sample = AlertSample()
        sample.loseServer(side)
        sample.status.tables[0].note = TableNote(word: .setAside, reason: "it lacks v", since: 800)
        let role: Role = side == .source ? .capture : .apply
        #expect(
            sample.ids == [
                .tableSetAside(AlertSample.item), .serverAway(side), .roleRetries(role),
            ])
        let away = try #require(sample.alert(.serverAway(side)))
        #expect(away.since == 900 && away.severity == .error && away.consequenceOf == nil)
        #expect(away.sentence.contains(side == .source ? "old:5432/d" : "new:5432/d"))
        #expect(away.sentence.contains("Connection refused"))
        let retries = try #require(sample.alert(.roleRetries(role)))
        #expect(retries.since == 900 && retries.consequenceOf == .serverAway(side))
    }

    @Test func `an incident is the cause of the stop, and its words have no value of the row`() throws {
        var sample = AlertSample()
        sample.stopAtIncident()
        sample.status.capture?.walStatus = "extended"
        let alerts = sample.alerts
        #expect(alerts.first?.id == .incidentStops && alerts.first?.since == 949)
        #expect(alerts.first?.sentence.contains("update of public.item: the row it changes is not") == true)
        #expect(!alerts.contains { $0.sentence.contains("secret") })
        #expect(alerts.first?.actions == [.openIncident("1/0/9/1"), .retryRole(.apply)])
        #expect(
            Set(alerts.dropFirst().map(\.id)) == [.roleStopped(.apply), .roleWaits(.capture), .slotAtRisk])
        #expect(
            alerts.dropFirst().filter { $0.id != .slotAtRisk }.allSatisfy {
                $0.consequenceOf == .incidentStops
            })
    }

    @Test func `a role whose process is gone after an error shows the error first`() {
        var sample = AlertSample()
        sample.status.capture?.state = RoleState(word: .stopped, reason: "the slot is gone", since: 940)
        sample.status.processIDs = [:]
        #expect(
            sample.ids == [.roleStopped(.capture), .noWorker(.capture), .noWorker(.apply)]
                || sample.ids == [.roleStopped(.capture), .noWorker(.apply), .noWorker(.capture)])
        #expect(sample.alert(.roleStopped(.capture))?.action == .startWorker)
        #expect(sample.alert(.noWorker(.capture))?.consequenceOf == .roleStopped(.capture))
    }

    @Test func `a cause counts as the worst of its consequences`() {
        var sample = AlertSample()
        // A pause is a warning by itself, and here it fills the queue.
        sample.status.isPaused = true
        sample.status.apply?.state = RoleState(word: .paused, since: 990)
        sample.status.diskLimits.queueBytesMax = 100 << 20
        sample.status.capture?.unappliedBytes = 200 << 20
        sample.status.tables[0].incidents[.forward] = IncidentCounts(stashed: 3)
        #expect(sample.ids == [.paused, .queueAtRisk, .incidentsStashed])
    }

    // MARK: A cutover

    @Test func `a session in the way of a cutover is its cause, with the time of the abort and who runs it`()
        throws
    {
        var sample = AlertSample()
        sample.status.writers = SeenWriters(
            [AlertSample.writer("27921", ageSeconds: 24)], on: .source, readAt: 999)
        sample.cutOver(at: .quiesce, detail: "waiting for 1", abortsAt: 1040)
        let alerts = sample.alerts
        #expect(alerts.map(\.id) == [.sessionInTheWay("27921"), .cutoverWaits(.quiesce)])
        // The application can write to neither side meanwhile.
        #expect(alerts[0].severity == .critical && alerts[0].since == 975)
        #expect(alerts.map(\.until) == [1040, 1040] && alerts[0].unblocker == "shop")
        #expect(alerts[1].consequenceOf == alerts[0].id && alerts[1].unblocker == "shop")
        #expect(alerts[0].then.contains("aborted"))
    }

    @Test func `a fault is critical while the application can write to neither side`() {
        for (step, severity) in [(CutoverStep.gates, Severity.error), (.drain, .critical)] {
            var sample = AlertSample()
            sample.cutOver(at: step)
            sample.loseServer(.target)
            #expect(sample.alerts.first?.id == .serverAway(.target))
            #expect(sample.alerts.first?.severity == severity)
            #expect(sample.alerts.first?.action == .abortCutover)
        }
    }

    @Test func `an aborted cutover stays an alert until it is acknowledged or another one begins`() throws {
        var sample = AlertSample()
        var cutover = Cutover(
            token: "t", options: CutoverOptions(to: .target), requestedAt: 900, requestedBy: "ada")
        cutover.set(.quiesce, .failed, detail: "not quiet", now: 950)
        (cutover.abortReason, cutover.abortedAt) = ("not quiet", 951)
        sample.status.cutovers = [cutover.status]
        #expect(sample.ids == [.cutoverAborted] && sample.alerts.first?.since == 951)
        #expect(sample.alerts.first?.severity == .warning)
        sample.facts.acknowledgements = [Acknowledgement(.cutoverAborted, .warning, by: "ada", at: 960)]
        #expect(sample.alerts.first?.acknowledgement?.by == "ada" && sample.status.openAlerts.isEmpty)
        sample.cutOver(at: .readFacts)
        #expect(sample.ids == [])
    }

    // MARK: What must not flap

    @Test func `a backlog of few changes, or of a short peak, is no alert`() {
        var light = AlertSample()
        light.fallBehind()
        light.status.capture?.totalEvents = ChangeCounts(inserts: 59)
        light.status.apply?.eventsPerSecondLastMinute = 3
        light.status.capture?.eventsPerSecondLastMinute = 3
        #expect(light.ids == [] && light.status.timeToCatchUp == .seconds(3))
        var peak = AlertSample()
        peak.fallBehind()
        peak.status.capture?.eventsPerSecondLast3Minutes = 100
        #expect(peak.ids == [])
    }

    @Test func `a backlog that was an alert stays one until it is nearly gone`() {
        var sample = AlertSample()
        sample.fallBehind()
        sample.status.apply?.eventsPerSecondLastMinute = 1700
        // It would take 1000 s.
        #expect(sample.ids == [])
        sample.facts.kept[.notCatchingUp] = KeptAlert(.notCatchingUp, .warning, since: 500, sentence: "")
        #expect(sample.ids == [.notCatchingUp] && sample.alerts.first?.since == 500)
        sample.status.capture?.totalEvents = ChangeCounts(inserts: 50_050)
        #expect(sample.ids == [])
    }

    @Test func `a role that has just retried is still an alert when it streams again`() {
        var sample = AlertSample()
        sample.status.apply?.retries.add("deadlock", at: 995, waitMilliseconds: 100)
        #expect(sample.ids == [.roleRetries(.apply)])
        sample.status.readAt = 1006
        sample.status.capture?.publishedAt = 1006
        sample.status.apply?.publishedAt = 1006
        #expect(sample.ids == [])
    }
}
