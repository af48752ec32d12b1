import Foundation
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The gates on real servers: what differs refuses a cutover before the fence.
    @Suite(.serialized) struct GateServerTests {
        private static let tables = """
            create table other (id int primary key, v text);
            create table item (id int primary key, v text, w int);
            create table part (id int, v text, primary key (id)) partition by range (id);
            create table part_1 partition of part for values from (0) to (100);
            create function nothing() returns trigger language plpgsql as 'begin return new; end';
            """
        /// What only one side has at first, by the gate that must see it.
        private static let objects: [(gate: GateName, sql: String, undo: String)] = [
            (.indexes, "create index item_v on item (v)", "drop index item_v"),
            (.indexes, "create index part_v on part_1 (v)", "drop index part_v"),
            (
                .constraints, "alter table item add constraint item_w foreign key (w) references other (id)",
                "alter table item drop constraint item_w"
            ),
            (
                .triggers,
                "create trigger item_t before insert on item for each row execute function nothing()",
                "drop trigger item_t on item"
            ),
            (.views, "create view shown as select id from item", "drop view shown"),
            (
                .defaults, "alter table item alter column v set default 'x'",
                "alter table item alter column v drop default"
            ),
        ]

        /// Waits until the gates were read after now, and returns them.
        private func gates(_ site: Site, _ options: CutoverOptions = CutoverOptions(to: .target)) async throws
            -> [Gate]
        {
            try await site.readGates()
            return try site.migration.gates(for: options)
        }

        private func state(_ gates: [Gate], _ name: GateName) -> Gate.State? {
            gates.first { $0.name == name }?.state
        }

        @Test func `what the target lacks refuses a cutover before the fence, until it is made`() async throws
        {
            try await withSite(Self.tables) { site in
                for object in Self.objects { try site.connect(.source).execute(object.sql) }
                try await site.goLive()
                let before = try site.surroundings(.source)
                let found = try await gates(site)
                for object in Self.objects { #expect(state(found, object.gate) == .red, "\(object.gate)") }
                let error = #expect(throws: RequestRefused.self) { try site.cutover(to: .target) }
                let text = error?.reason ?? ""
                for words in [
                    "index item_v on public.item is missing on the target",
                    "index part_v on public.part_1 is missing", "constraint item_w on public.item is missing",
                    "trigger item_t on public.item is missing", "view public.shown is missing",
                    "default v on public.item is missing",
                ] { #expect(text.contains(words), "\(words): \(text)") }
                #expect(try site.migration.record().cutovers.isEmpty)
                #expect(try site.migration.record().phase == .streaming)
                #expect(try site.surroundings(.source) == before)
                // The statements that the gates name.
                for gate in found where gate.state == .red {
                    for detail in gate.details {
                        let statement = detail.split(separator: ": ", maxSplits: 1).last.map(String.init)
                        try site.connect(.target).execute(try #require(statement))
                    }
                }
                let mended = try await gates(site)
                #expect(mended.filter { $0.refuses && !$0.isStale } == [])
                try site.cutover(to: .target)
                try await site.awaitFallBack()
                // The target is the origin now, and equal.
                let back = try await gates(site, CutoverOptions(to: .source))
                #expect(back.filter { $0.refuses && !$0.isStale } == [])
            }
        }

        @Test func `the cutover's own step refuses what nobody has read before it`() async throws {
            try await withSite(Self.tables) { site in
                try await site.goLive()
                _ = try await gates(site)
                // As if the readings were lost, and the fault came after them.
                for role in Role.allCases {
                    try? FileManager.default.removeItem(atPath: site.directory + GateFiles.catalog(role))
                }
                let options = CutoverOptions(to: .target)
                try site.connect(.source).execute("create index late on item (w)")
                _ = try? site.migration.leave(.initiateCutover(options), by: "test")
                let left = try site.migration.record().cutovers.last
                guard left != nil else { return }  // A reading in between has refused it.
                try await eventually("the cutover is aborted") {
                    try site.migration.record().cutovers.last?.abortedAt != nil
                }
                let cutover = try #require(try site.migration.record().cutovers.last)
                #expect(cutover.abortReason?.contains("index late on public.item is missing") == true)
                #expect(cutover.steps.first { $0.step == .fence }?.state == .pending)
            }
        }

        @Test func `a waived gate lets the cutover begin, and the record says who waived it and why`()
            async throws
        {
            try await withSite(Self.tables) { site in
                try site.connect(.source).execute(Self.objects[0].sql)
                try site.connect(.target).execute("alter table item alter column v set default 'y'")
                try await site.goLive()
                _ = try await gates(site)
                let open = try site.migration.openDifferences()
                #expect(open.map(\.object) == ["default v on public.item", "index item_v on public.item"])
                var accepted = open.filter { $0.object.hasPrefix("default") }
                accepted[0].reason = "the target's own"
                _ = try site.migration.leave(.acceptDifferences(accepted), by: "ada")
                #expect(try site.migration.record().accepted.map(\.by) == ["ada"])
                #expect(state(try await gates(site), .defaults) == .green)
                let waiver = GateWaiver(gate: .indexes, reason: "built at night")
                _ = try site.migration.leave(
                    .initiateCutover(CutoverOptions(to: .target, waivers: [waiver])), by: "ada")
                try await site.awaitFallBack()
                let shown = try #require(try site.migration.status().cutovers.first { $0.to == .target })
                #expect(shown.waivers.map(\.words) == ["indexes, by ada: built at night"])
                let log = try site.migration.events(after: 0, limit: 500).map(\.message)
                #expect(
                    log.contains { $0.contains("gate indexes (waived: indexes, by ada: built at night)") })
                #expect(log.contains { $0.contains("gate waived: indexes, by ada: built at night") })
                // The same differences, seen from the other side.
                let back = try await gates(site, CutoverOptions(to: .source))
                #expect(state(back, .defaults) == .green)
                let backup = site.directory + "/backup"
                try FileManager.default.createDirectory(
                    atPath: backup, withIntermediateDirectories: true)
                let end = EndOptions(
                    backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: true,
                    backupLogFiles: false, backupDirectory: backup)
                let id = try site.migration.leave(.endMigration(end), by: "ada")
                try await site.awaitPhase(.ended)
                try await eventually("the end is recorded") {
                    try site.migration.record(of: id)?.state == .done
                }
                let said = try #require(try site.migration.record(of: id)).lines
                #expect(
                    said.contains { $0.hasPrefix("cutover to target: gate indexes was waived by ada at ") })
                let file = try String(contentsOfFile: backup + "/" + WaiverReport.file, encoding: .utf8)
                #expect(file.contains("\"reason\" : \"built at night\""))
            }
        }

        @Test func `rights, names, writers and a server that is away are gates of their own`() async throws {
            try await withSite(Self.tables) { site in
                try await site.goLive()
                let leg = Leg(
                    number: 2, direction: .reverse, start: .position, uuid: try site.migration.record().uuid)
                try site.connect(.target).execute("create publication \(leg.publicationName)")
                let writer = try site.connect(.source)
                try writer.execute("begin; insert into item values (1, 'one', null)")
                let found = try await gates(site)
                #expect(state(found, .names) == .red)
                #expect(state(found, .writers) == .amber)
                #expect(state(found, .targetRights) == .green)
                let remedy = try #require(found.first { $0.name == .names }?.remedy)
                try site.connect(.target).execute(remedy)
                try writer.execute("commit")
                let mended = try await gates(site)
                #expect(state(mended, .names) == .green && state(mended, .writers) == .green)
            }
        }
    }
}
