import Demo
import Foundation
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The statements that reached real servers, by their logs, and those of the plan.
    @Suite struct ExecutedPlanTests {
        private static let tables = """
            create table item (id int primary key, name text);
            create table part (id int, at date, primary key (id, at)) partition by range (at);
            create table part_1 partition of part for values from ('2026-01-01') to ('2027-01-01');
            """

        private func logging() throws -> [Side: ThrowAwayCluster] {
            let options = ThrowAwayCluster.Options(
                trust: true,
                settings: [
                    "log_statement": "all", "log_replication_commands": "on",
                    "max_prepared_transactions": "10",
                ])
            return [
                .source: try ThrowAwayCluster(named: "plan-source", options: options),
                .target: try ThrowAwayCluster(named: "plan-target", options: options),
            ]
        }

        /// A text as it is compared: a log breaks lines in its own way.
        private func plain(_ text: String) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }

        /// The statements in a server's log, in their order.
        private func statements(_ cluster: ThrowAwayCluster) throws -> [String] {
            let log = try String(contentsOfFile: cluster.logFile, encoding: .utf8)
            let marks = ["statement: ", "<unnamed>: ", "replication command: "]
            var found: [String] = []
            for line in log.split(separator: "\n") {
                if line.hasPrefix("\t") {
                    if !found.isEmpty { found[found.count - 1] += "\n" + line }
                } else if let mark = marks.lazy.compactMap({ line.range(of: $0) }).first {
                    found.append(String(line[mark.upperBound...]))
                } else {
                    found.append("")
                }
            }
            return found.map(plain).filter { !$0.isEmpty }
        }

        private func cutOver(_ site: Site, _ options: CutoverOptions) async throws -> [PlanLine] {
            let request = Request.initiateCutover(options)
            let migration = site.migration
            try await eventually("the plan is known", within: 30) {
                try migration.plan(for: request).allSatisfy { $0.kind != .unread }
            }
            let plan = try migration.plan(for: request)
            _ = try migration.leave(request, by: "test", seen: PlanHash(plan))
            try await site.awaitPhase(options.to == .target ? .fallBack : .complete)
            try await eventually("the leg is retired", within: 30) {
                try migration.record().legs.first { $0.direction == options.ends }?.retiredAt != nil
            }
            return plan
        }

        /// Checks that every statement of the plan was sent to its side, in the order of each step's list.
        private func expectSent(_ plan: [PlanLine], _ site: Site) throws {
            for side in Side.allCases {
                let sent = try statements(try site.cluster(side))
                for line in plan where line.side == side && line.kind == .statement {
                    // Only one of several ends has its own log line; the commands of a stream have others.
                    var from = sent.startIndex
                    for text in line.texts {
                        let wanted = plain(text)
                        guard let at = sent[from...].firstIndex(where: { $0.contains(wanted) }) else {
                            Issue.record("\(line.step) on the \(side.rawValue) was not sent: \(wanted)")
                            continue
                        }
                        from = at
                    }
                }
            }
        }

        @Test func `the statements that ran for a cutover with a fence of the tables are those of its plan`()
            async throws
        {
            try await withSite(Self.tables, on: try logging()) { site in
                try await site.goLive()
                let plan = try await cutOver(site, CutoverOptions(to: .target, fence: .tables))
                let fence = plan.filter { $0.step.hasPrefix("Fence") }.flatMap(\.texts)
                #expect(fence.count { $0.hasPrefix("create trigger") } == 4, "\(fence)")
                try expectSent(plan, site)
                // And no other trigger or function was made on the source.
                let made = try statements(try site.cluster(.source)).filter {
                    $0.contains("create trigger") || $0.contains("create or replace function")
                }
                #expect(
                    Set(made)
                        == Set(
                            fence.map(plain).filter {
                                $0.hasPrefix("create ") && !$0.contains("create table")
                            }))
            }
        }

        @Test
        func `the statements that ran for both cutovers with a fence of the database are those of the plans`()
            async throws
        {
            try await withSite(Self.tables, on: try logging()) { site in
                try await site.goLive()
                let there = try await cutOver(site, CutoverOptions(to: .target))
                let fence = there.filter { $0.step.hasPrefix("Fence") }
                #expect(
                    fence.map(\.action) == [
                        "alter database \"\(site.name)\" set default_transaction_read_only to on"
                    ])
                #expect(
                    fence.first?.undo == "alter database \"\(site.name)\" reset default_transaction_read_only"
                )
                try expectSent(there, site)
                let back = try await cutOver(site, CutoverOptions(to: .source))
                #expect(
                    back.contains {
                        $0.action == "alter database \"\(site.name)\" reset default_transaction_read_only"
                            && $0.side == .source
                    })
                try expectSent(back, site)
            }
        }

        @Test func `a table that comes after the plan was shown makes the worker refuse the start`()
            async throws
        {
            try await withSite(Self.tables, on: try logging()) { site in
                site.startWorker()
                let migration = site.migration
                let check = try migration.leave(.checkDatabases, by: "test")
                try await eventually("the check has ended") {
                    try migration.record(of: check)?.state == .done
                }
                let start = Request.startLiveMigration(jobs: 2)
                let plan = try migration.plan(for: start)
                #expect(plan.first { $0.action.hasPrefix("create publication") }?.count == "3 tables")
                for side in Side.allCases {
                    try site.connect(side).execute("create table later (id int primary key)")
                }
                _ = try migration.leave(start, by: "test", seen: PlanHash(plan))
                try await eventually("the start is refused") {
                    try site.trouble().contains("the plan has changed since it was shown")
                }
                let trouble = try site.trouble()
                #expect(trouble.contains("\"later\""), "\(trouble)")
                _ = try migration.leave(.resume, by: "test")
                try await site.awaitPhase(.streaming)
            }
        }
    }
}
