import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The rehearsal of a cutover on real servers.
    @Suite(.serialized) struct RehearsalTests {
        @Test func `a rehearsal changes nothing, and its prediction is kept beside what happened, both ways`()
            async throws
        {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive()
                #expect(try await site.verify().outcome == .equal)
                for direction in Direction.allCases {
                    let to = direction.destination
                    let options = RunOptions(
                        source: try site.access(.source), target: try site.access(.target))
                    func rehearse() async throws -> Rehearsal {
                        try await rehearseCutover(
                            migration: site.migration, options: options,
                            CutoverOptions(to: to, prepareForFallBack: to == .target), stop: StopSignal())
                    }
                    try await eventually("the ended legs are retired") {
                        try site.migration.record().legs.dropLast().allSatisfy { $0.retiredAt != nil }
                    }
                    let before = try Side.allCases.flatMap { try site.surroundings($0) }
                    let rehearsal = try await rehearse()
                    #expect(try Side.allCases.flatMap { try site.surroundings($0) } == before)
                    #expect(try site.migration.record().phase == (to == .target ? .streaming : .fallBack))
                    let steps = CutoverStep.steps(CutoverOptions(to: to, prepareForFallBack: to == .target))
                    #expect(rehearsal.steps.map(\.step) == steps)
                    #expect(rehearsal.steps.allSatisfy { $0.seconds >= 0 && !$0.detail.isEmpty })
                    #expect(try #require(try site.migration.lastRehearsal()).cutover == nil)
                    // The application still writes, and a session that writes is found.
                    let writer = try site.connect(direction.origin)
                    try writer.execute("begin; update item set name = 'x' where id = 3")
                    let busy = try await rehearse()
                    #expect(
                        busy.steps.first { $0.step == .quiesce }?.detail
                            == "it would wait for 1 open write transaction")
                    try writer.execute("commit")
                    try site.cutover(to: to, waiving: Site.equality)
                    try await site.awaitPhase(to == .target ? .fallBack : .complete)
                    let (kept, cutover) = try #require(try site.migration.lastRehearsal())
                    let status = try #require(cutover)
                    #expect(kept == busy && status.word == .completed)
                    let lines = kept.lines(beside: status)
                    #expect(lines.dropLast().allSatisfy { $0.seconds != nil }, "\(lines)")
                    let taken = try #require(status.downtimeSeconds)
                    // On a busy machine a prediction may be far off; it is of the same order.
                    #expect(taken > 0 && busy.downtimeSeconds < 10 && taken < 30)
                    print("rehearsed \(rehearsal.downtimeSeconds) s, taken \(taken) s")
                }
                await #expect(throws: RequestRefused.self) {
                    try await rehearseCutover(
                        migration: site.migration,
                        options: RunOptions(
                            source: try site.access(.source), target: try site.access(.target)),
                        CutoverOptions(to: .target), stop: StopSignal())
                }
            }
        }
    }
}
