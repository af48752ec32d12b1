import Foundation
import PostgresPorts
import Records
import Testing

@testable import Engine

/// The cutover as a value: its steps, its words, its release, and its form in the journal.
@Suite struct CutoverTests {
    @Test func `a cutover's steps follow its options`() {
        let full = CutoverStep.steps(CutoverOptions(to: .target, requiresApproval: true))
        #expect(full == CutoverStep.allCases.filter { $0 != .openDestination })
        let plain = CutoverStep.steps(CutoverOptions(to: .target, prepareForFallBack: false, verify: false))
        #expect(
            plain == [
                .readFacts, .gates, .fence, .quiesce, .barrier, .drain, .readSequences, .setSequences,
                .refreshViews, .quietProof, .restoreDestination, .release,
            ])
        let back = CutoverStep.steps(CutoverOptions(to: .source))
        #expect(
            back.contains(.openDestination) && !back.contains(.fallBackSlot) && !back.contains(.prepareOrigin)
                && !back.contains(.suspendOrigin)
        )
    }

    @Test func `only the opening and the release come after the quiet proof`() throws {
        for side in Side.allCases {
            let steps = CutoverStep.steps(CutoverOptions(to: side, requiresApproval: true))
            let proof = try #require(steps.firstIndex(of: .quietProof))
            #expect(
                steps[(proof + 1)...].allSatisfy {
                    [.restoreDestination, .openDestination, .release].contains($0)
                })
            #expect(steps[..<proof].contains(.approval))
        }
    }

    @Test func `steps are done in order, an interrupted one again, and undone from the last`() {
        var value = Cutover.example(CutoverOptions(to: .target, prepareForFallBack: false, verify: false))
        #expect(value.nextUndo == nil)
        value.steps.removeAll { [.readFacts, .gates].contains($0.step) }
        value.set(.fence, .running, now: 2)
        #expect(value.nextStep?.step == .fence && value.nextUndo?.step == .fence)
        value.set(.fence, .done, detail: "up", now: 3)
        #expect(value.nextStep?.step == .quiesce && value.isDone(.fence))
        value.set(.quiesce, .failed, now: 4)
        #expect(value.nextUndo?.step == .quiesce)
        value.set(.quiesce, .undone, now: 5)
        value.set(.fence, .undone, now: 6)
        #expect(value.nextUndo == nil)
        #expect(value.steps[0].startedAt == 2 && value.steps[0].detail == "up")
    }

    @Test func `an undo keeps when a step ended, when it was undone, and which step failed`() throws {
        var value = Cutover.example(CutoverOptions(to: .target, prepareForFallBack: false, verify: false))
        value.set(.readFacts, .running, now: 2)
        value.set(.readFacts, .done, now: 3)
        value.set(.gates, .running, now: 4)
        value.set(.gates, .failed, detail: "a column is missing", now: 5)
        value.abortReason = "a column is missing"
        value.set(.gates, .undone, now: 6)
        value.set(.readFacts, .undone, now: 7)
        value.abortedAt = 8
        let kept = try JSONDecoder().decode(Cutover.self, from: JSONEncoder().encode(value))
        #expect(kept == value)
        let status = kept.status
        #expect(status.steps.map(\.state).prefix(3) == [.undone, .undone, .pending])
        #expect(status.steps.map(\.startedAt).prefix(3) == [2, 4, nil])
        #expect(status.steps.map(\.endedAt).prefix(3) == [3, 5, nil])
        #expect(status.steps.map(\.undoneAt).prefix(3) == [7, 6, nil])
        #expect(status.steps.map(\.hasFailed).prefix(3) == [false, true, false])
        #expect(status.failedStep == status.steps[1] && status.abortedAt == 8 && !status.isBeingAborted)
    }

    @Test func `a step that an abort met while it ran has a start and no end`() {
        var value = Cutover.example(CutoverOptions(to: .target))
        value.set(.readFacts, .running, now: 2)
        value.abortReason = "aborted by me"
        #expect(value.status.isBeingAborted && value.status.word == .initiated)
        value.set(.readFacts, .undone, now: 3)
        let step = value.status.steps[0]
        #expect(step.startedAt == 2 && step.endedAt == nil && step.undoneAt == 3 && !step.hasFailed)
        #expect(value.status.failedStep == nil)
    }

    @Test func `a cutover's status has yb-voyager's words`() {
        var value = Cutover.example(CutoverOptions(to: .target, requiresApproval: true))
        #expect(value.status.word == .initiated && value.status.canAbort && !value.status.awaitsApproval)
        for step in value.steps.map(\.step).prefix(while: { $0 != .approval }) {
            value.set(step, .done, now: 2)
        }
        #expect(value.status.awaitsApproval)
        value.isApproved = true
        #expect(!value.status.awaitsApproval)
        value.abortReason = "why"
        #expect(value.isAborting && value.isOpen)
        value.abortedAt = 9
        #expect(value.status.word == .aborted && !value.isOpen)
        value.abortedAt = nil
        value.releasedAt = 9
        #expect(value.status.word == .completed && !value.status.canAbort)
    }

    // MARK: The release

    /// A cutover whose steps are all done except the release.
    private func ready(provedAt: Double) throws -> MigrationRecord {
        var record = try MigrationRecord.example(in: .cutoverToTarget)
        let leg = Leg(number: 1, direction: .forward, start: .snapshot, uuid: record.uuid)
        record.legs = [leg]
        for step in record.cutovers[0].steps.map(\.step) where step != .release {
            record.cutovers[0].set(step, .done, now: step == .quietProof ? provedAt : 1)
        }
        record.cutovers[0].barriers[.quiet] = Cutover.Barrier(
            lsn: LogPosition(number: 9), transactions: 1, seenAt: provedAt)
        return record
    }

    @Test func `the application is released while the quiet proof is fresh`() throws {
        var record = try ready(provedAt: 100)
        let isReleased = try record.release(at: 100 + Cutover.quietSecondsMax - 1)
        #expect(isReleased)
        #expect(record.cutovers[0].releasedAt != nil && record.legs[0].endedAt != nil)
        #expect(record.phase == .fallBack && record.legs.count == 2)
    }

    @Test(arguments: [100 + Cutover.quietSecondsMax, 5000, 99])
    func `an origin that was proved quiet too long ago is proved again before the release`(now: Double) throws
    {
        var record = try ready(provedAt: 100)
        let isReleased = try record.release(at: now)
        #expect(!isReleased)
        #expect(record.cutovers[0].releasedAt == nil && record.legs[0].endedAt == nil)
        #expect(record.phase == .cutoverToTarget && record.legs.count == 1)
        #expect(record.cutovers[0].nextStep?.step == .quietProof)
        #expect(record.cutovers[0].nextStep?.startedAt == nil && record.cutovers[0].barriers[.quiet] == nil)
    }

    @Test func `nothing is released, and no step continues, while the cutover is aborted`() throws {
        var record = try ready(provedAt: 100)
        record.cutovers[0].abortReason = "asked for"
        let before = record
        #expect(throws: CancelledStep.self) { _ = try record.release(at: 100) }
        #expect(record == before)

        let directory = NSTemporaryDirectory() + "switchback-decision-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let migration = try Migration(creating: directory)
        let context = RoleContext(
            journal: migration.journal, exportDirectory: directory, options: RunOptions(jobs: 1),
            stop: StopSignal()
        ) { _ in }
        try context.update { kept in
            kept.cutovers = record.cutovers
            kept.cutovers[0].set(.readFacts, .pending, now: 1)
        }
        let open = OpenCutover(context)
        #expect(throws: CancelledStep.self) { try open.change { $0.set(.readFacts, .running, now: 2) } }
        #expect(try context.record().cutovers[0].steps[0].state == .pending)
    }

    @Test func `the reason of an abort is told once, and not after the release`() throws {
        let directory = NSTemporaryDirectory() + "switchback-abort-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let migration = try Migration(creating: directory)
        let said = Said()
        let context = RoleContext(
            journal: migration.journal, exportDirectory: directory, options: RunOptions(jobs: 1),
            stop: StopSignal(), announce: { said.add($0) })
        try context.update { record in
            record.cutovers = [.example(CutoverOptions(to: .target)), .example(CutoverOptions(to: .source))]
            record.cutovers[0].releasedAt = 5
        }
        let open = OpenCutover(context)
        try open.abort("the first reason")
        try open.abort("the second reason")
        try context.update { $0.cutovers[1].abortedAt = 9 }
        try context.update { $0.cutovers.removeLast() }
        try open.abort("after the release")
        #expect(said.lines.count == 1 && said.lines.first?.hasSuffix("the first reason") == true)
        #expect(
            try migration.events(after: 0, limit: 10).map(\.message)
                == ["the cutover failed and is being aborted: the first reason"])
        #expect(try context.record().cutovers.map(\.abortReason) == [nil])
    }
}
