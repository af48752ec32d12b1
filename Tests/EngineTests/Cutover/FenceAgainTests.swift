import Foundation
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Aborts that have to leave both databases as the released cutover had left them.
    @Suite(.serialized) struct FenceAgainTests {
        private func initiate(_ site: Site, _ side: Side, _ fence: CutoverFence) throws {
            _ = try site.migration.leave(
                .initiateCutover(
                    CutoverOptions(
                        to: side, requiresApproval: true, fence: fence,
                        waivers: Site.equality.map { GateWaiver(gate: $0, reason: "test") })), by: "test")
        }

        private func awaitApproval(_ site: Site) async throws {
            try await eventually("the cutover awaits approval", within: 60) {
                try site.migration.status().cutovers.contains(where: \.awaitsApproval)
            }
        }

        private func awaitAbort(_ site: Site) async throws {
            try await eventually("the cutover is aborted", within: 60) {
                try site.migration.record().cutovers.last?.abortedAt != nil
            }
        }

        private func settings(_ site: Site) throws -> [String] {
            try site.surroundings(.source).filter { $0.hasPrefix("setting ") }
        }

        @Test func `an abort sets up no fence of a cutover that was aborted before`() async throws {
            try await withSite("create table item (id int primary key, v text);") { site in
                try await site.goLive()
                let before = try settings(site)
                try initiate(site, .target, .database)
                try await awaitApproval(site)
                #expect(try settings(site) != before)
                _ = try site.migration.leave(.abortCutover, by: "test")
                try await awaitAbort(site)
                try initiate(site, .target, .nothing)
                try await awaitApproval(site)
                _ = try site.migration.leave(.approveRelease, by: "test")
                try await site.awaitFallBack()
                #expect(try settings(site) == before)
                // The cutover back is aborted after it has opened the source.
                let context = try site.context()
                let leg = try #require(try context.record().currentLeg)
                let step = FenceStep(
                    context: context, side: .source, database: try context.destination(of: leg),
                    open: OpenCutover(context))
                try step.setUpAgain()
                #expect(try settings(site) == before)
            }
        }

        @Test func `an abort sets up the fence of the released cutover again`() async throws {
            try await withSite("create table item (id int primary key, v text);") { site in
                try await site.goLive(.reverse)
                let fenced = try settings(site)
                #expect(!fenced.isEmpty)
                let context = try site.context()
                let leg = try #require(try context.record().currentLeg)
                let step = FenceStep(
                    context: context, side: .source, database: try context.destination(of: leg),
                    open: OpenCutover(context))
                try step.remove()
                #expect(try settings(site) != fenced)
                try step.setUpAgain()
                #expect(try settings(site) == fenced)
            }
        }
    }
}
