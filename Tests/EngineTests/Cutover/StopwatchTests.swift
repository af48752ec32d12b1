import Foundation
import Records
import Support
import Testing

@testable import Engine

/// The stopwatch of a cutover, and what bounds the waits of its steps.
@Suite struct StopwatchTests {
    private func cutover(_ options: CutoverOptions = CutoverOptions(to: .target)) -> Cutover {
        Cutover(token: "t", options: options, requestedAt: 100, requestedBy: "ada")
    }

    private func perform(_ step: CutoverStep, from start: Double, to end: Double?, in cutover: inout Cutover)
    {
        cutover.begin(step, waitSecondsMax: CutoverLimits().waitSecondsMax(of: step), now: start)
        if let end { cutover.set(step, .done, now: end) }
    }

    @Test func `the stopwatch runs from the fence to the release, with the time of each step`() throws {
        var cutover = cutover()
        perform(.readFacts, from: 100, to: 105, in: &cutover)
        perform(.gates, from: 105, to: 110, in: &cutover)
        #expect(cutover.status.stopwatch == nil)
        perform(.fence, from: 110, to: 112, in: &cutover)
        perform(.quiesce, from: 112, to: nil, in: &cutover)
        var watch = try #require(cutover.status.stopwatch)
        #expect(watch.isRunning && watch.startedAt == 110 && watch.seconds(at: 120) == 10)
        #expect(watch.laps.map(\.step) == [.fence, .quiesce])
        #expect(watch.laps.map { $0.seconds(at: 120) } == [2, 8] && watch.laps[1].endedAt == nil)
        cutover.set(.quiesce, .done, now: 121)
        perform(.release, from: 130, to: nil, in: &cutover)
        cutover.releasedAt = 131
        watch = try #require(cutover.status.stopwatch)
        #expect(!watch.isRunning && watch.seconds(at: 999) == 21)
        #expect(watch.laps.last?.step == .release && watch.laps.last?.endedAt == 131)
    }

    @Test func `an abort stops it when the fence is gone`() throws {
        var cutover = cutover()
        perform(.fence, from: 110, to: 112, in: &cutover)
        perform(.quiesce, from: 112, to: nil, in: &cutover)
        cutover.set(.quiesce, .failed, now: 172)
        cutover.abortReason = "not quiet"
        #expect(try #require(cutover.status.stopwatch).isRunning)
        cutover.set(.quiesce, .undone, now: 173)
        cutover.set(.fence, .undone, now: 174)
        let watch = try #require(cutover.status.stopwatch)
        #expect(watch.endedAt == 174 && watch.seconds(at: 999) == 64)
        #expect(watch.laps[1].seconds(at: 999) == 60)
    }

    @Test func `a running step says what bounds its wait, and when the cutover is aborted`() throws {
        var cutover = cutover(CutoverOptions(to: .target, requiresApproval: true))
        perform(.quiesce, from: 112, to: nil, in: &cutover)
        var step = try #require(cutover.status.steps.first { $0.step == .quiesce })
        #expect(step.waitSecondsMax == 60 && step.abortsAt == 172 && step.seconds(at: 120) == 8)
        #expect(step.step?.awaited == "the end of open write transactions")
        cutover.set(.quiesce, .done, now: 121)
        step = try #require(cutover.status.steps.first { $0.step == .quiesce })
        #expect(step.abortsAt == nil && step.seconds(at: 999) == 9)
        perform(.approval, from: 130, to: nil, in: &cutover)
        step = try #require(cutover.status.step)
        #expect(step.waitSecondsMax == nil && step.abortsAt == nil)
        // A proof that is demanded again has its whole time again.
        perform(.quietProof, from: 140, to: 141, in: &cutover)
        cutover.proveAgain()
        #expect(cutover.status.steps.first { $0.step == .quietProof }?.seconds(at: 999) == nil)
    }

    @Test(arguments: CutoverStep.allCases)
    func `a step with a bound says what it waits for`(step: CutoverStep) {
        if CutoverLimits().waitSecondsMax(of: step) != nil { #expect(step.awaited != nil) }
        #expect((CutoverLimits().waitSecondsMax(of: step) != nil) == step.waitsForOthers)
    }

    @Test func `a cutover that compares a large table says how far it is, and its stopwatch ends with it`()
        async throws
    {
        let site = try MemorySite()
        try site.source.commit([.insertItem(1, "one")])
        try await site.goLive()
        let last = MemorySite.stock.name
        site.target.lock(last)
        let migration = site.migration
        try await eventually("no gate refuses the cutover") {
            try !migration.status().gates.contains(where: \.refuses)
        }
        _ = try migration.leave(.initiateCutover(CutoverOptions(to: .target)), by: "test")
        try await eventually("the second table is compared") {
            try migration.status().newestCutover?.step?.progress?.detail == "table 2 of 2, \(last)"
        }
        var status = try migration.status()
        let step = try #require(status.newestCutover?.step)
        #expect(step.step == .checksumDestination && step.progress?.side == .target)
        #expect(status.progress(of: .verification, on: .target) != nil)
        #expect(status.newestCutover?.stopwatch?.isRunning == true)
        let drain = try #require(status.newestCutover?.steps.first { $0.step == .drain })
        #expect(drain.waitSecondsMax == CutoverLimits().drainSeconds && drain.abortsAt == nil)
        site.target.lock(nil)
        try await site.awaitPhase(.fallBack)
        status = try migration.status()
        let cutover = try #require(status.newestCutover)
        let watch = try #require(cutover.stopwatch)
        #expect(watch.endedAt == cutover.releasedAt && watch.laps.first?.step == .fence)
        #expect(watch.laps.last?.step == .release && watch.laps.allSatisfy { $0.endedAt != nil })
        #expect(status.work == [] && cutover.steps.allSatisfy { $0.progress == nil })
        try await site.stopWorker()
    }

    @Test func `a step in a record of an earlier version has no bound`() throws {
        var cutover = cutover()
        perform(.drain, from: 1, to: nil, in: &cutover)
        let json = String(decoding: try JSONEncoder().encode(cutover), as: UTF8.self)
        #expect(try JSONDecoder().decode(Cutover.self, from: Data(json.utf8)) == cutover)
        let old = json.replacing(",\"waitSecondsMax\":900", with: "").replacing(
            "\"waitSecondsMax\":900,", with: "")
        #expect(old != json)
        let read = try JSONDecoder().decode(Cutover.self, from: Data(old.utf8))
        #expect(read.status.step?.step == .drain && read.status.step?.abortsAt == nil)
    }
}
