import Foundation
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
        #expect(status.remainingEvents == nil && status.timeToCatchUp == .originUnread(known: 0))
        status.capture?.state.word = .streaming
        #expect(status.timeToCatchUp == .caughtUp)
        status.apply?.totalEvents = ChangeCounts(inserts: 40)
        #expect(status.remainingEvents == 60 && status.timeToCatchUp == .unknown)
        status.apply?.eventsPerSecondLastMinute = 20
        status.capture?.eventsPerSecondLastMinute = 10
        // So few changes are no backlog, whatever the rates.
        #expect(status.timeToCatchUp == .seconds(3))
        status.capture?.totalEvents = ChangeCounts(inserts: 640)
        #expect(status.timeToCatchUp == .seconds(60))
        status.capture?.eventsPerSecondLastMinute = 20
        status.capture?.eventsPerSecondLast3Minutes = 20
        status.apply?.eventsPerSecondLast3Minutes = 22
        #expect(status.timeToCatchUp == .seconds(300))
        status.apply?.eventsPerSecondLast3Minutes = 20
        #expect(status.timeToCatchUp == .notCatchingUp)
        // The changes under way of a stream that keeps pace are no backlog.
        status.apply?.totalEvents = ChangeCounts(inserts: 610)
        #expect(status.timeToCatchUp == .seconds(1.5))
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
        capture.state.word = .streaming
        (status.capture, status.apply) = (capture, apply)
        #expect(status.commitLagSeconds == 0.5)
        status.readAt = 110
        #expect(status.commitLagSeconds == nil)
        status.apply?.totalEvents = ChangeCounts(inserts: 100)
        #expect(status.commitLagSeconds == nil)
        // The value of a stream that is at rest stays true.
        status.capture?.publishedAt = 109
        #expect(status.commitLagSeconds == 0.5)
    }

    // MARK: Which leg a number is of

    private static let legs = [
        Leg(number: 1, direction: .forward, start: .snapshot, uuid: "u"),
        Leg(number: 2, direction: .reverse, start: .position, uuid: "u"),
        Leg(number: 3, direction: .forward, start: .position, uuid: "u"),
    ]

    @Test func `what a role publishes is of its own leg, and not of another one in the same direction`() {
        let third = ApplyStatus(of: Self.legs[2], now: 1)
        #expect(Self.legs.map(third.isOf) == [false, false, true])
        #expect(third.start == .position)
        let captures = Self.legs.map { CaptureStatus(of: $0, now: 1) }
        #expect(captures.map { $0.isOfSameLeg(as: third) } == [false, false, true])
        #expect(captures.map(\.start) == [.snapshot, .position, .position])
        #expect(captures[2].slotName == Self.legs[2].slotName)
    }

    @Test func `a status file of an earlier version is read, and is of any leg in its direction`() throws {
        let status = PublishedStatus(
            status: ApplyStatus(of: Self.legs[0], now: 1), tables: ["s.t": ChangeCounts(inserts: 4)])
        var file = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(status)) as? [String: Any])
        var fields = try #require(file["status"] as? [String: Any])
        #expect(fields["leg"] as? Int == 1 && fields["start"] as? String == "snapshot")
        for key in ["leg", "start", "server", "rates"] { fields[key] = nil }
        file["rates"] = nil
        file["status"] = fields
        let old = try JSONDecoder().decode(
            PublishedStatus<ApplyStatus>.self, from: JSONSerialization.data(withJSONObject: file))
        #expect(old.status.leg == nil && old.status.start == nil && old.tables == status.tables)
        #expect(Self.legs.map(old.status.isOf) == [true, false, true])
        #expect(CaptureStatus(of: Self.legs[0], now: 1).isOfSameLeg(as: old.status))
    }

    @Test func `the status has the counts of every leg, kept or published, as sums by direction`() throws {
        let directory = NSTemporaryDirectory() + "switchback-status-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let migration = try Migration(creating: directory)
        let table = QualifiedName(schema: "s", name: "t")
        try migration.journal.keepTables([
            Table(name: table, columns: [], primaryKey: [], replicaIdentity: .full)
        ])
        try migration.update { record in
            record.legs = Self.legs
            record.legs[0].endedAt = 1
            record.legs[1].endedAt = 2
            try record.begin(in: .streaming)
        }
        for leg in 1...2 {
            for exported in [true, false] {
                let counts = [table: ChangeCounts(inserts: leg == 1 ? 100 : 7)]
                try LegCounts.keep(counts, leg: leg, exported: exported, journal: migration.journal)
            }
        }
        func publish(of leg: Leg) {
            let tables = [table: ChangeCounts(inserts: 20)]
            StatusFile.write(
                PublishedStatus(status: CaptureStatus(of: leg, now: 1), tables: tables),
                to: StatusFile.path(directory, .capture))
            StatusFile.write(
                PublishedStatus(status: ApplyStatus(of: leg, now: 1), tables: tables),
                to: StatusFile.path(directory, .apply))
        }
        publish(of: Self.legs[2])
        var status = try migration.status()
        let sums: [Direction: ChangeCounts] = [
            .forward: ChangeCounts(inserts: 120), .reverse: ChangeCounts(inserts: 7),
        ]
        #expect(status.tables.map(\.exported) == [sums] && status.tables.map(\.imported) == [sums])
        #expect(status.legStart == .position && status.capture?.start == .position)
        // What is left of the first leg is not the third one's.
        publish(of: Self.legs[0])
        status = try migration.status()
        #expect(status.tables.map(\.exported) == [[.reverse: ChangeCounts(inserts: 7)]])
        try migration.update { try $0.begin(in: .complete) }
        #expect(try migration.status().legStart == nil)
    }

    @Test func `counts of legs in one direction add up, and one that is unknown makes the sum unknown`() {
        let (first, second, third) = (
            ["s.a": ChangeCounts(inserts: 1), "s.b": ChangeCounts(updates: 2)]
                as [QualifiedName: ChangeCounts],
            ["s.a": ChangeCounts(deletes: 7)] as [QualifiedName: ChangeCounts],
            ["s.a": ChangeCounts(inserts: 10)] as [QualifiedName: ChangeCounts]
        )
        func sums(_ counts: [QualifiedName: ChangeCounts]?...) -> [Direction: [QualifiedName: ChangeCounts]] {
            LegCounts.byDirection(zip(Self.legs, counts).map { (leg: $0, counts: $1) })
        }
        #expect(sums() == [:])
        #expect(sums(first) == [.forward: first])
        #expect(sums(first, nil) == [.forward: first])
        #expect(sums(first, second) == [.forward: first, .reverse: second])
        #expect(
            sums(first, second, third) == [
                .forward: ["s.a": ChangeCounts(inserts: 11), "s.b": ChangeCounts(updates: 2)],
                .reverse: second,
            ])
        #expect(sums(first, second, nil) == [.reverse: second])
    }
}
