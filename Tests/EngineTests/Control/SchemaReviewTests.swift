import Foundation
import Records
import Testing

@testable import Engine
@testable import Schema

/// What the operator decides about findings of the schema analysis, and changes of the files that are made
/// as they were shown.
@Suite struct SchemaReviewTests {
    private static let sql =
        "-- mine\ncreate unlogged table t (a int primary key);\nalter table t cluster on t_pkey;\n"

    /// A migration with an exported schema, for YugabyteDB. No server is needed.
    private func withMigration(_ body: (Migration, SchemaFiles) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "switchback-review-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let migration = try Migration(creating: directory)
        try migration.update { record in try record.take(.schemaExported, at: 1) }
        let files = SchemaFiles(exportDirectory: directory)
        try DurableFile.write(Self.sql, to: files.path(of: .table))
        try await body(migration, files)
    }

    private func perform(_ request: Request, _ migration: Migration) async throws -> RequestRecord {
        var options = RunOptions()
        options.analysis.target = .yugabyteDB(try #require(Release("2024.1.0.0")))
        return try await runRequest(request, migration: migration, options: options, line: { _ in })
    }

    private let cluster = FindingName(rule: "ALTER_TABLE_CLUSTER_ON")

    @Test func `a decision is kept with who and when, is shown at once, and can be taken back`() async throws
    {
        try await withMigration { migration, files in
            #expect(try migration.schemaReview() == nil)
            _ = try await perform(.analyzeSchema, migration)
            let before = try #require(try migration.schemaReview())
            #expect(before.decided == 0)
            let waiver = SchemaDecision(.waived, cluster, reason: "of no use there")
            let id = try migration.leave(.decideFindings(FindingDecisions([waiver])), by: "ada console")
            #expect(try migration.record(of: id)?.state == .done)
            #expect(try migration.record(of: id)?.by == "ada console")
            let kept = try #require(try files.readDecisions().decisions.first)
            #expect(kept.by == "ada console" && kept.at > 1 && kept.reason == "of no use there")
            #expect(try migration.schemaReview()?.decided == 1)
            _ = try migration.leave(
                .decideFindings(FindingDecisions(takenBack: [cluster])), by: "bob console")
            #expect(try migration.schemaReview()?.decided == 0)
            #expect(try files.readDecisions() == SchemaDecisions())
        }
    }

    @Test func `a waiver without a reason is refused, and so is taking back what was not decided`()
        async throws
    {
        try await withMigration { migration, files in
            let bare = FindingDecisions([SchemaDecision(.waived, cluster)])
            #expect(throws: RequestRefused("give a reason for which \(cluster) is waived")) {
                try migration.leave(.decideFindings(bare), by: "ada console")
            }
            let error = #expect(throws: RequestRefused.self) {
                try migration.leave(.decideFindings(FindingDecisions(takenBack: [cluster])), by: "ada")
            }
            #expect(error?.reason.contains("nothing was decided about \(cluster)") == true)
            let accepted = FindingDecisions([SchemaDecision(.accepted, cluster)])
            _ = try migration.leave(.decideFindings(accepted), by: "ada console")
            #expect(try files.readDecisions().decisions.map(\.kind) == [.accepted])
        }
    }

    @Test func `a change that was shown is made and analyzed again; all else in the file stays`() async throws
    {
        try await withMigration { migration, files in
            _ = try await perform(.analyzeSchema, migration)
            let finding = try #require(
                try migration.schemaReview()?.analysis.findings.first { cluster.covers($0.issue) })
            #expect(finding.diff.contains("-alter table t cluster on t_pkey;"))
            let shown = ShownFix(finding: finding.name, diff: finding.diff)
            let record = try await perform(.fixFindings([shown]), migration)
            #expect(record.answer.hasPrefix("1 statement changed"))
            #expect(
                try DurableFile.read(files.path(of: .table))
                    == "-- mine\ncreate unlogged table t (a int primary key);\n")
            let left = try #require(try migration.schemaReview()).analysis.findings.map(\.issue.rule)
            #expect(!left.contains(cluster.rule) && !left.isEmpty)
        }
    }

    @Test func `a file that was edited after the change was shown stays as it is`() async throws {
        try await withMigration { migration, files in
            _ = try await perform(.analyzeSchema, migration)
            let finding = try #require(
                try migration.schemaReview()?.analysis.findings.first { cluster.covers($0.issue) })
            let edited = "-- moved\n" + Self.sql
            try DurableFile.write(edited, to: files.path(of: .table))
            let shown = ShownFix(finding: finding.name, diff: finding.diff)
            await #expect(throws: SchemaError.self) {
                _ = try await perform(.fixFindings([shown]), migration)
            }
            #expect(try DurableFile.read(files.path(of: .table)) == edited)
        }
    }

    @Test func `an analysis says which decisions match nothing any more`() async throws {
        try await withMigration { migration, files in
            try files.write(
                SchemaDecisions([SchemaDecision(.waived, FindingName(rule: "REINDEX"), reason: "x")]))
            let record = try await perform(.analyzeSchema, migration)
            #expect(record.lines.contains("REINDEX is waived, and matches nothing any more"))
            #expect(try migration.schemaReview()?.withoutFinding.count == 1)
        }
    }
}
