import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Each gate on real servers: one thing changes, the gate turns, and turns back when the thing does.
    @Suite(.serialized) struct EachGateTests {
        /// The gates that other suites turn on a server: they need a server that cannot be mended, or one
        /// that behaves as YugabyteDB.
        private static let elsewhere: [GateName: String] = [
            .slot: "a slot that lost its WAL stops the capture at once, with a plain error",
            .streaming: "DDL in transaction blocks fails the check and the gate, and a waiver passes it",
        ]

        /// Reads the gates until those that differ from green are the expected one and none that it does not
        /// touch; says at the end of the time what was found instead.
        private func await(
            _ what: String, _ site: Site, _ expected: [GateName: Gate.State], touching touched: Set<GateName>,
            _ options: CutoverOptions
        ) async throws {
            var found: [Gate] = []
            let deadline = ContinuousClock.now + .seconds(40)
            repeat {
                try await site.readGates()
                found = try site.migration.gates(for: options).filter { $0.state != .green }
                let states = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.state) })
                let others = states.keys.filter { expected[$0] == nil && !touched.contains($0) }
                if others.isEmpty, expected.allSatisfy({ states[$0.key] == $0.value }) { return }
                try await Task.sleep(for: .milliseconds(50))
            } while ContinuousClock.now < deadline
            throw Site.Trouble(
                description: "\(what): \(found.map(\.sentence)); \(try site.trouble())")
        }

        private func withOwner(_ body: (Site) async throws -> Void) async throws {
            let source = try ThrowAwayCluster(named: "gates-source", options: .init(trust: true))
            defer { source.remove() }
            let target = try ThrowAwayCluster(
                named: "gates-target", options: .init(trust: true, settings: ["max_replication_slots": "2"]))
            defer { target.remove() }
            try await withSite(GateChange.tables, on: [.source: source, .target: target]) { site in
                for side in Side.allCases {
                    try site.connect(side).execute(
                        """
                        create role mover login replication;
                        grant pg_read_all_stats, pg_signal_backend to mover;
                        alter database \(site.name) owner to mover;
                        alter table item owner to mover;
                        alter table marker owner to mover
                        """)
                }
                try site.connect(.target).execute("truncate item")
                (site.sourceUser, site.targetUser) = ("mover", "mover")
                try site.keepForms()
                try await body(site)
            }
        }

        @Test func `each gate turns when one thing changes on a server, alone, and turns back`() async throws
        {
            let turned = Set(GateChange.all.map(\.gate)).union([.snapshot]).union(Self.elsewhere.keys)
            #expect(turned == Set(GateName.allCases))
            try await withOwner { site in
                let options = CutoverOptions(to: .target)
                // The import cannot write its rows while another session has the table.
                let holder = try site.connect(.target)
                try holder.execute("begin; lock table item in share mode")
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await site.awaitPhase(.snapshot)
                try await eventually("the snapshot's gate is red") {
                    let gate = try site.migration.gates(for: options).first { $0.name == .snapshot }
                    return gate?.state == .red && gate?.found.contains("not copied: public.item") == true
                }
                try holder.execute("commit")
                try await site.awaitPhase(.streaming)
                try await self.await("all are green", site, [:], touching: [], options)
                for change in GateChange.all {
                    let undo = try change.make(site)
                    do {
                        try await self.await(
                            "\(change)", site, [change.gate: change.state], touching: change.touches,
                            change.options)
                    } catch {
                        Issue.record(error)
                    }
                    try undo()
                    try await self.await("\(change) is taken back", site, [:], touching: [], options)
                }
            }
        }

        @Test func `facts of the origin that were read long ago are read again before they are judged`()
            async throws
        {
            try await withSite(GateChange.tables) { site in
                try site.connect(.target).execute("truncate item")
                try await site.goLive()
                #expect(try await site.differences() == [])
                try await site.stopWorker()
                // The roles have just ended.
                try site.cutover(to: .target, waiving: [.running])
                // As an export leaves it whose import does not run for a while. These facts lack the table.
                var facts = OriginFacts(token: "", shapes: [], sequences: [])
                facts.catalog = CatalogReadings(
                    release: "", shapes: [], sequences: FoundSequences(definitions: [], values: []),
                    objects: [])
                facts.server = ServerReadings(release: "")
                try site.migration.update { record in
                    let index = record.cutovers.count - 1
                    facts.token = record.cutovers[index].token
                    record.cutovers[index].set(.readFacts, .done, now: secondsNow() - 100)
                }
                try site.migration.journal.update(OriginFacts.self, key: OriginFacts.key, initial: facts) {
                    $0 = facts
                }
                site.startWorker()
                try await site.awaitFallBack()
                #expect(
                    try site.migration.events(after: 0, limit: 1000).contains {
                        $0.message.contains("facts of the source are too old; they are read again")
                    })
            }
        }
    }
}
