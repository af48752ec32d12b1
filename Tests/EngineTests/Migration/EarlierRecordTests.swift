import Foundation
import Records
import Testing

@testable import Engine

/// The record as earlier versions wrote it.
@Suite struct EarlierRecordTests {
    private func decoded<T: Decodable>(_ type: T.Type, _ json: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    private func fields(_ value: some Encodable) throws -> [String: Any] {
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
        return try #require(json as? [String: Any])
    }

    /// A cutover in the release step, as the version before wrote it. Its LSN is beyond what an `Int64`
    /// counts.
    private static let cutover = """
        {"token":"tok","options":{"to":"target","prepareForFallBack":true,"verify":false,
        "holdBeforeRelease":true,"disconnectSessions":false},"requestedAt":1,"requestedBy":"me",
        "steps":[{"step":"wayBack","state":"done","detail":"slot"},
        {"step":"hold","state":"done","detail":""}],
        "barriers":{"first":{"lsn":{"bytes":5},"transactions":1},
        "quiet":{"lsn":{"bytes":9},"transactions":1,"seenAt":7}},
        "checksums":{"public.item":"3:77"},"originRows":{"wayBack":-2},"wayBackHasBarrierRows":true,
        "isApproved":true}
        """

    @Test
    func `a cutover's LogPosition that was kept with its bits in an integer is read as that LogPosition`()
        throws
    {
        let cutover = try decoded(Cutover.self, Self.cutover)
        #expect(cutover.fallBackConsistentPoint == LogPosition(number: .max - 1))
        #expect(cutover.fallBackHasBarrierRows == true)
        #expect(cutover.options.requiresApproval)
        #expect(cutover.steps.map(\.step) == [.fallBackSlot, .approval])
        #expect(cutover.barriers[.first] == Cutover.Barrier(lsn: LogPosition(number: 5), transactions: 1))
        #expect(cutover.barriers[.quiet]?.seenAt == 7)
        #expect(cutover.checksums == ["public.item": "3:77"])
        let none = Self.cutover.replacingOccurrences(of: #"{"wayBack":-2}"#, with: "{}")
        #expect(try decoded(Cutover.self, none).fallBackConsistentPoint == nil)
    }

    @Test func `the steps of an aborted cutover of an earlier version have the time of their undo`() throws {
        let steps = """
            [{"step":"readFacts","state":"undone","startedAt":2,"endedAt":7,"detail":"3 tables"},
            {"step":"gates","state":"undone","startedAt":4,"endedAt":6,"detail":"a column is missing"},
            {"step":"fence","state":"pending","detail":""}]
            """
        let cutover = try decoded(
            Cutover.self,
            """
            {"token":"tok","options":{"to":"target","prepareForFallBack":true,"verify":false,
            "holdBeforeRelease":false,"disconnectSessions":false},"requestedAt":1,"requestedBy":"me",
            "steps":\(steps),"barriers":{},"checksums":{},"isApproved":false,
            "abortReason":"a column is missing","abortedAt":8}
            """)
        #expect(cutover.steps.map(\.endedAt) == [nil, nil, nil])
        #expect(cutover.steps.map(\.undoneAt) == [7, 6, nil])
        #expect(cutover.steps.map(\.hasFailed) == [false, true, false])
    }

    @Test
    func `a cutover of now has the LogPosition in a field of its own, and its barriers under their names`()
        throws
    {
        var cutover = Cutover.example(CutoverOptions(to: .target))
        cutover.fallBackConsistentPoint = LogPosition.last
        for kind in BarrierKind.allCases {
            cutover.barriers[kind] = Cutover.Barrier(lsn: LogPosition(number: 3), transactions: 2)
        }
        #expect(
            try decoded(Cutover.self, String(decoding: JSONEncoder().encode(cutover), as: UTF8.self))
                == cutover)
        let fields = try fields(cutover)
        #expect(fields["originRows"] == nil)
        #expect((fields["barriers"] as? [String: Any])?.keys.sorted() == ["first", "last", "quiet"])
        #expect(
            (fields["fallBackConsistentPoint"] as? [String: Any])?["bytes"] as? UInt64 == .max)
    }

    @Test(arguments: [
        ("replication slot switchback_1", RecordedChange.Kind.slot(name: "switchback_1")),
        ("publication switchback_1", .publication(name: "switchback_1")),
        ("read-only fence (default_transaction_read_only)", .readOnlyFence),
        ("write fence on the migrated tables (trigger)", .tableFence), ("schema x", .other("schema x")),
    ])
    func `a change that an earlier version identified by a sentence has its kind`(
        sentence: String, kind: RecordedChange.Kind
    ) throws {
        let change = try decoded(
            RecordedChange.self, #"{"side":"target","what":"\#(sentence)","undo":"u","madeAt":3}"#)
        #expect(change.kind == kind && change.side == .target && change.undo == "u" && change.undoneAt == nil)
        #expect(change.kind.description == sentence)
        let again = try fields(change)
        #expect(again["what"] == nil && again["kind"] != nil)
        #expect(
            try decoded(RecordedChange.self, String(decoding: JSONEncoder().encode(change), as: UTF8.self))
                == change)
    }

    @Test(arguments: [
        RecordedChange.Kind.disabledTrigger(table: "public.item", name: "Log it"),
        .disabledRule(table: "public.item", name: "r"),
        .droppedForeignKey(table: "public.item", name: "k"),
        .unfinishedForeignKey(table: "public.item", name: "k"),
    ])
    func `what is turned off is read back as it was recorded`(kind: RecordedChange.Kind) throws {
        let change = RecordedChange(side: .source, kind: kind, undo: "u", madeAt: 3)
        let stored = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
        #expect(try decoded(RecordedChange.self, stored) == change)
        #expect(kind.isSuspension != kind.isUnfinishedForeignKey && !kind.isFence)
    }

    @Test func `a whole record keeps its meaning`() throws {
        let form = """
            {"host":"h","port":5432,"database":"d","user":"u","sslMode":"prefer","sslCert":"","sslKey":"",
            "sslRootCert":"","sslCRL":""}
            """
        let record = try decoded(
            MigrationRecord.self,
            """
            {"uuid":"u","createdAt":1,"phase":"cutoverToTarget","isPaused":false,"resumeCount":2,
            "forms":{"source":\(form),"target":\(form),"schemas":["public"]},"sourceIsKnown":true,
            "targetIsKnown":true,"tableGlobs":[],"excludedTableGlobs":[],"jobs":4,"fallBackEnabled":false,
            "legs":[{"number":1,"direction":"forward","slotName":"s","publicationName":"p"}],
            "cutovers":[\(Self.cutover)],
            "changes":[{"side":"source","what":"replication slot s","undo":"x","madeAt":1,"undoneAt":2}],
            "tableHolds":[{"table":"public.item","leg":1,"cause":"shape","reason":"r","remedy":"m","since":1,
            "parts":0,"isReleased":false,"isRetryAsked":false}]}
            """)
        #expect(record.phase == .cutoverToTarget && record.openCutover?.token == "tok")
        #expect(record.legs.map(\.start) == [.snapshot])
        #expect(record.setAsideTables.map(\.table) == ["public.item"])
        #expect(record.changes.map(\.kind) == [.slot(name: "s")] && record.changes[0].undoneAt == 2)
        #expect(record.applyMode == .transactional)
        #expect(try fields(record).keys.contains("tableHolds"))
    }

    @Test(arguments: [
        (1, Direction.forward, LegStart.snapshot), (2, .reverse, .position), (3, .forward, .position),
        (1, .reverse, .position),
    ])
    func `a leg that an earlier version wrote has its start by number and direction`(
        number: Int, direction: Direction, start: LegStart
    ) throws {
        var leg = Leg(number: number, direction: direction, start: start, uuid: "u")
        leg.consistentPoint = LogPosition.last
        leg.origin = OriginIdentity(timeline: 7, barriers: .row)
        (leg.originLoss, leg.endedAt, leg.retiredAt) = ("lost", 4, 5)
        let old = """
            {"number":\(number),"direction":"\(direction.rawValue)","slotName":"\(leg.slotName)",
            "publicationName":"\(leg.publicationName)","consistentPoint":{"bytes":18446744073709551615},
            "barriersAreRows":true,"originTimeline":7,"originLoss":"lost","endedAt":4,"retiredAt":5}
            """
        #expect(try decoded(Leg.self, old) == leg)
        #expect(
            try decoded(Leg.self, #"{"number":1,"direction":"forward","slotName":"s","publicationName":"p"}"#)
                .consistentPoint == nil)
    }

    @Test(arguments: LegStart.allCases)
    func `a leg of now stores its start under a key of its own`(start: LegStart) throws {
        // Number and direction do not matter where the key is.
        let leg = Leg(number: 1, direction: .forward, start: start, uuid: "u")
        #expect(try fields(leg)["start"] as? String == start.rawValue)
        #expect(try decoded(Leg.self, String(decoding: JSONEncoder().encode(leg), as: UTF8.self)) == leg)
    }

    @Test(arguments: [
        (LegStart.snapshot, true, true), (.position, false, false), (.files, false, true),
    ])
    func `only a snapshot has LSNs of the origin, and a leg at a position imports no rows`(
        start: LegStart, hasSnapshot: Bool, importsRows: Bool
    ) {
        #expect(start.hasSnapshot == hasSnapshot && start.importsRows == importsRows)
    }

    @Test func `the apply mode of a record without one is the first one`() throws {
        var record = MigrationRecord(uuid: "u", createdAt: 1)
        #expect(try !fields(record).keys.contains { $0.contains("ApplyMode") })
        #expect(record.applyMode == .transactional)
        record.applyMode = .parallel(channels: 8)
        let kept = try JSONDecoder().decode(MigrationRecord.self, from: JSONEncoder().encode(record))
        #expect(kept.applyMode == .parallel(channels: 8))
    }
}
