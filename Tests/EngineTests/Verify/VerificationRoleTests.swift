import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The verification that the worker runs beside capture and apply.
    @Suite(.serialized) struct VerificationRoleTests {
        private func choose(_ isOn: Bool, rowsPerSecond: Int? = nil, _ site: Site) throws {
            _ = try site.migration.leave(
                .setVerification(VerificationChoice(isOn: isOn, rowsPerSecondMax: rowsPerSecond)), by: "test")
        }

        private func status(_ site: Site) throws -> VerificationStatus {
            try #require(try site.migration.status().verification)
        }

        @Test(arguments: Direction.allCases)
        func `the worker verifies pass after pass, names what differs, and ends when it is told to`(
            direction: Direction
        ) async throws {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive(direction)
                #expect(try status(site).state == "off" && status(site).provedTables == 0)
                try choose(true, site)
                try await eventually("two passes", within: 60) {
                    try status(site).published?.pass ?? 0 >= 2
                }
                let found = try status(site)
                #expect(found.processID == getpid() && found.differences == 0 && found.openRows == 0)
                // The marker is a table, too.
                #expect(found.provedTables == 5 && found.oldestProofAt != nil)
                #expect(found.published?.lastPass?.outcome == .equal)
                let other = try site.connect(direction.destination)
                try other.execute("set default_transaction_read_only = off")
                try other.execute("update item set note = '' where id = 10")
                try await eventually("the difference", within: 30) { try status(site).differences == 1 }
                try await eventually("its values", within: 30) {
                    try site.migration.foundDifferences()?.differences.count == 1
                }
                let difference = try #require(try site.migration.foundDifferences()?.differences.first)
                #expect(difference.key == RowKey(["10"]) && difference.columns == ["note"])
                #expect(difference.destinationValues?[4] == "" && !difference.repair.isEmpty)
                // Neither the journal nor the published status has a value of the row.
                let leg = try #require(try site.migration.record().currentLeg)
                let course = try #require(
                    try VerificationCourse.read(leg: leg, site.migration.journal))
                #expect(course.report.differences.allSatisfy { $0.originValues == nil && $0.repair == [] })
                for statement in difference.repair { try other.execute(statement) }
                try await eventually("the mended row", within: 30) {
                    try status(site).differences == 0 && status(site).published?.lastPass?.outcome == .equal
                }
                try choose(false, site)
                try await eventually("its end") { try status(site).processID == nil }
                #expect(try status(site).state == "off" && status(site).provedTables == 5)
                // The verb may verify again.
                #expect(try await site.verify().outcome == .equal)
            }
        }

        @Test func `a pause and a cutover hold the verification, and it ends with the leg`() async throws {
            try await withSite("create table item (id int primary key, v text);") { site in
                try site.connect(.source).execute(
                    "insert into item select n, 'v' from generate_series(1, 50) n")
                try await site.goLive()
                try choose(true, site)
                try await eventually("a pass") { try status(site).published?.lastPass != nil }
                _ = try site.migration.leave(.pause, by: "test")
                try await eventually("the wait") {
                    try status(site).state == "waits: the migration is paused"
                }
                _ = try site.migration.leave(.resume, by: "test")
                try await eventually("the next pass") { try status(site).state == "running" }
                try await eventually("the import streams again") {
                    try site.migration.status().gates.first { $0.name == .running }?.state == .green
                }
                try site.cutover(to: .target, waiving: Site.equality)
                try await site.awaitFallBack()
                // It goes on in the other direction, with proofs of its own.
                try await eventually("a pass of the fall-back", within: 60) {
                    try status(site).published?.direction == .reverse && status(site).provedTables == 2
                }
                try site.cutover(to: .source, waiving: Site.equality)
                try await site.awaitPhase(.complete)
            }
        }

        @Test func `a killed worker goes on in the middle of a table, and what it has proved stays true`()
            async throws
        {
            try await withSite("create table item (id int primary key, v text);") { site in
                try site.connect(.source).execute(
                    "insert into item select n, 'v' || n from generate_series(1, 200000) n")
                try await site.goLiveInProcess()
                #expect(try await site.differences() == [])
                try site.connect(.target).execute("update item set v = 'lost' where id = 5")
                try choose(true, rowsPerSecond: 40_000, site)
                func course() throws -> VerificationCourse? {
                    let leg = try #require(try site.migration.record().currentLeg)
                    return try VerificationCourse.read(leg: leg, site.migration.journal)
                }
                try await eventually("a part of the table", within: 60) {
                    try course()?.reading?.after.values.first.flatMap { Int($0) } ?? 0 > 20_000
                }
                try site.killProcess()
                let kept = try #require(try course())
                let read = try #require(kept.report.tables.first { $0.table.name == "item" }).rows
                #expect(read > 20_000 && read < 200_000 && kept.pass == 1)
                #expect(kept.report.differences.map(\.key) == [RowKey(["5"])])
                // Nothing counts as proved before the whole table is.
                #expect(try status(site).provedTables == 0)
                // A row of a range that is read is changed meanwhile; it counts as written since.
                try site.connect(.source).execute("update item set v = 'new' where id in (7, 190000)")
                try site.startProcess()
                try choose(true, site)
                try await eventually("the end of the pass", within: 60) {
                    try status(site).published?.lastPass != nil
                }
                let found = try status(site)
                let item = try #require(found.tables.first { $0.name.name == "item" })
                #expect(item.provedAt != nil && item.openRows == 1)
                #expect(found.published?.lastPass?.rows == 200_001)
                #expect(try site.migration.foundDifferences()?.differences.first?.originValues != nil)
                // The cutover compares the row that differs and those written since, and finds the first.
                try site.cutover(to: .target, waiving: Site.equality + [.verification])
                try await eventually("the cutover is aborted", within: 60) {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                let reason = try site.migration.record().cutovers.last?.abortReason ?? ""
                #expect(reason.contains("public.item (1 row of "), "\(reason)")
                #expect(reason.contains("that are not proved equal"), "\(reason)")
            }
        }

        @Test func `the gate knows what is proved, how old that is, and what differs`() async throws {
            try await withSite("create table item (id int primary key, v text);") { site in
                try site.connect(.source).execute(
                    "insert into item select n, 'v' from generate_series(1, 50) n")
                try await site.goLive()
                func gate(verify: Bool) throws -> Gate {
                    let options = CutoverOptions(to: .target, verify: verify)
                    return try #require(
                        try site.migration.gates(for: options).first { $0.name == .verification })
                }
                #expect(try gate(verify: false).state == .amber)
                try choose(true, site)
                try await eventually("the proof", within: 30) { try status(site).provedTables == 2 }
                #expect(try gate(verify: false).state == .green)
                #expect(
                    try gate(verify: false).found.hasPrefix("2 of 2 tables proved equal, the oldest 0 min"))
                #expect(
                    try gate(verify: true).found.contains(
                        "this cutover compares the rows of 2 tables that were written since the proof"))
                try site.connect(.target).execute("delete from item where id = 4")
                try await eventually("the red gate", within: 30) { try gate(verify: true).state == .red }
                #expect(try gate(verify: true).found == "1 row of public.item differs")
                #expect(throws: RequestRefused.self) { try site.cutover(to: .target, waiving: Site.equality) }
                try site.connect(.target).execute("insert into item values (4, 'v')")
                try await eventually("the green gate", within: 30) { try gate(verify: true).state == .green }
            }
        }
    }
}
