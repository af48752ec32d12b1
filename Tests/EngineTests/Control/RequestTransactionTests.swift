import Foundation
import GRDB
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine
@testable import Journal

/// The transactions of the journal: what belongs together is written in one.
@Suite struct RequestTransactionTests {
    /// An export directory with a journal, removed after the test.
    private func withMigration(_ body: (Migration) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "switchback-control-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let migration = try Migration(creating: directory)
        try migration.changeDatabases {
            for (side, name) in [(\DatabaseForms.source, "a"), (\.target, "b")] {
                ($0[keyPath: side].host, $0[keyPath: side].database, $0[keyPath: side].user) = (
                    "h", name, "u"
                )
            }
        }
        try await body(migration)
    }

    /// Lets every insertion into a table of the journal fail.
    private func refuse(_ table: String, in journal: Journal) throws {
        try journal.write("refuse \(table)") { database in
            try database.execute(
                sql:
                    "create trigger refuse before insert on \(table) begin "
                    + "select raise(abort, 'refused'); end"
            )
        }
    }

    @Test(arguments: ["json_objects", "request", "event"])
    func `a request, what it changes and its event are written together or not at all`(table: String)
        async throws
    {
        try await withMigration { migration in
            let before = try migration.record()
            try refuse(table, in: migration.journal)
            let request = Request.startLiveMigration(jobs: 2)
            #expect(throws: JournalError.self) { try migration.leave(request, by: "me") }
            #expect(try migration.record() == before && before.phase == .prepare)
            #expect(try migration.newestRecord(titled: request.title) == nil)
            #expect(try migration.events(after: 0, limit: 10).isEmpty)
        }
    }

    @Test func `a request that is settled has its change, its answer and its event`() async throws {
        try await withMigration { migration in
            let id = try migration.leave(.startLiveMigration(jobs: 2), by: "me")
            #expect(try migration.record().phase == .snapshot && migration.record().jobs == 2)
            #expect(try migration.record(of: id)?.state == .done)
            #expect(
                try migration.events(after: 0, limit: 10).map(\.message) == ["start live migration, by me"])
            #expect(throws: RequestRefused.self) {
                try migration.leave(.startLiveMigration(jobs: 2), by: "me")
            }
            #expect(try migration.events(after: 0, limit: 10).count == 1)
        }
    }

    @Test func `a change of a database is recorded with its event or not at all`() async throws {
        try await withMigration { migration in
            let context = RoleContext(
                journal: migration.journal, exportDirectory: migration.exportDirectory, options: RunOptions(),
                stop: StopSignal()
            ) { _ in }
            let changes = DatabaseChanges(context)
            try changes.note(.source, .slot(name: "s"), undo: "drop it")
            #expect(
                try migration.events(after: 0, limit: 10).map(\.message) == ["on source: replication slot s"])
            try refuse("event", in: migration.journal)
            #expect(throws: JournalError.self) { try changes.note(.target, .tableFence, undo: "drop it") }
            #expect(try migration.record().changes.map(\.kind) == [.slot(name: "s")])
        }
    }

    @Test func `two processes that give their database at once keep both`() async throws {
        let directory = NSTemporaryDirectory() + "switchback-forms-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try Migration(creating: directory)
        let rounds = 100
        await withTaskGroup(of: Void.self) { group in
            for side in Side.allCases {
                group.addTask {
                    do {
                        let migration = try Migration(existing: directory)
                        for round in 1...rounds {
                            try migration.changeDatabases {
                                switch side {
                                case .source:
                                    ($0.source.host, $0.schemas) = ("source-\(round)", ["s\(round)"])
                                case .target: $0.target.host = "target-\(round)"
                                }
                            }
                            let forms = try migration.databases()
                            #expect(
                                (side == .source ? forms.source : forms.target).host == "\(side)-\(round)")
                        }
                    } catch { Issue.record(error) }
                }
            }
        }
        let forms = try Migration(existing: directory).databases()
        #expect(forms.source.host == "source-\(rounds)" && forms.target.host == "target-\(rounds)")
        #expect(forms.schemas == ["s\(rounds)"])
    }
}
