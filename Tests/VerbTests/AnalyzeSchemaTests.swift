import Engine
import Foundation
import Testing

@testable import Engine
@testable import switchback

/// `analyze-schema` as a process on an exported schema. It reaches no server, so none is needed.
@Suite struct AnalyzeSchemaTests {
    private let scratch: ScratchDirectory
    private let tables: URL

    init() throws {
        scratch = try ScratchDirectory()
        let migration = try Migration(creating: scratch.path)
        try migration.update { record in try record.take(.schemaExported, at: 1) }
        tables = URL(fileURLWithPath: scratch.path + "/schema/tables/table.sql")
        try FileManager.default.createDirectory(
            at: tables.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Self.schema.write(to: tables, atomically: true, encoding: .utf8)
    }

    private static let schema =
        "create table a (id int primary key, t tsvector unique);\nalter table a cluster on a_pkey;\n"

    private func analyze(_ flags: String...) throws -> SwitchbackProcess {
        try SwitchbackProcess(["analyze-schema", "-e", scratch.path] + flags)
    }

    private func reports() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/reports").sorted()
    }

    @Test func `an analysis writes all reports and names them`() throws {
        let run = try analyze()
        #expect(run.exitCode == 0, "\(run.errors)")
        for format in ["html", "json", "txt", "xml"] {
            let path = "\(scratch.path)/reports/schema_analysis_report.\(format)"
            #expect(run.output.contains("-- find schema analysis report at: \(path)"))
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `only the format that was asked for is written`() throws {
        let run = try analyze("--output-format", "json")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try reports() == ["schema_analysis_report.json"])
    }

    @Test func `a finding that is as severe as was said sets the exit code`() throws {
        #expect(try analyze("--fail-on", "blocking").exitCode == 5)
        #expect(try analyze("--fail-on", "warning").exitCode == 5)
        try "create table a (id int primary key);\n".write(to: tables, atomically: true, encoding: .utf8)
        #expect(try analyze("--fail-on", "info").exitCode == 0)
    }

    @Test func `the analysis says whose rules it used, and what they found`() throws {
        #expect(
            try analyze("--target-db-version", "15").output.contains(
                "rules of PostgreSQL 15: 0 blocking, 0 warning, 0 info"))
        #expect(
            try analyze().output.contains("rules of YugabyteDB 2025.2.3.0: 2 blocking, 0 warning, 0 info"))
    }

    @Test func `the section target of a config file names the target, and the section may have fail-on`()
        throws
    {
        let config = try scratch.write(
            """
            target: {db-type: postgresql, db-host: 127.0.0.1, db-port: 1, db-user: u, db-name: d, db-password: p}
            analyze-schema: {fail-on: info}
            """, to: "config.yaml")
        let run = try analyze("-c", config)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("rules of PostgreSQL: 0 blocking"))
        #expect(run.errors.contains("the target does not say what it is"))
        #expect(try analyze("-c", config, "--target-db-version", "2025.2.3.0").exitCode == 5)
    }

    @Test func `a rule that does not exist is refused, and so is all with others`() throws {
        for fix in ["ALTER_TABLE_CLUSTER", "all,REINDEX", ","] {
            let run = try analyze("--fix", fix, "--yes")
            #expect(run.exitCode == 1, "\(fix)")
            #expect(run.errors.contains("--fix takes"), "\(run.errors)")
        }
        #expect(try String(contentsOf: tables, encoding: .utf8) == Self.schema)
    }

    @Test func `what a finding stands for beside its first place is said to be left`() throws {
        let several =
            "create view v as with a as materialized (select 1), b as materialized (select 2) "
            + "select 3;\n"
        try several.write(to: tables, atomically: true, encoding: .utf8)
        let run = try analyze("--fix", "all", "--yes", "--target-db-version", "2024.1.0.0")
        #expect(run.output.contains("1 statements have more to change"), "\(run.output)")
    }

    @Test func `the version of the target decides which rules apply`() throws {
        #expect(try analyze("--target-db-version", "15", "--fail-on", "info").exitCode == 0)
        #expect(try analyze("--target-db-version", "2024.2.1.0", "--fail-on", "info").exitCode == 5)
        let refused = try analyze("--target-db-version", "newest")
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("newest"))
    }

    @Test func `a fix shows its diff, changes the file, and analyses again`() throws {
        let run = try analyze("--fix", "ALTER_TABLE_CLUSTER_ON", "--yes")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("-alter table a cluster on a_pkey;"))
        #expect(
            try String(contentsOf: tables, encoding: .utf8)
                == "create table a (id int primary key, t tsvector unique);\n")
        let report = try String(
            contentsOfFile: scratch.path + "/reports/schema_analysis_report.json", encoding: .utf8)
        #expect(report.contains("PK_UK_ON_TSVECTOR_DATATYPE"))
        #expect(!report.contains("ALTER_TABLE_CLUSTER_ON"))
    }

    @Test func `a fix without consent changes nothing`() throws {
        #expect(try analyze("--fix", "all").exitCode == 2)
        #expect(try String(contentsOf: tables, encoding: .utf8) == Self.schema)
        let none = try analyze("--fix", "NO_PRIMARY_KEY", "--yes")
        #expect(none.exitCode == 0 && none.output.contains("no finding of these rules has a mechanical fix"))
    }

    private func report() throws -> String {
        try String(contentsOfFile: scratch.path + "/reports/schema_analysis_report.json", encoding: .utf8)
    }

    @Test func `a waiver with a reason lets fail-on pass, is in the report, and can be taken back`() throws {
        #expect(try analyze("--fail-on", "warning").exitCode == 5)
        let run = try analyze(
            "--waive", "PK_UK_ON_TSVECTOR_DATATYPE:a", "--waive", "ALTER_TABLE_CLUSTER_ON", "--reason",
            "not used there", "--fail-on", "warning")
        #expect(run.exitCode == 0, "\(run.errors) \(run.output)")
        #expect(run.output.contains("waived: ALTER_TABLE_CLUSTER_ON"))
        #expect(try report().contains("not used there"))
        let back = try analyze("--take-back", "ALTER_TABLE_CLUSTER_ON", "--fail-on", "warning")
        #expect(back.exitCode == 5)
        #expect(back.output.contains("taken back: ALTER_TABLE_CLUSTER_ON"))
        #expect(back.errors.contains("1 open findings"), "\(back.errors)")
    }

    @Test func `a decision that nothing matches, or without a reason, is refused`() throws {
        let unknown = try analyze("--waive", "REINDEX", "--reason", "why")
        #expect(unknown.exitCode == 1 && unknown.errors.contains("no finding matches REINDEX"))
        let object = try analyze("--waive", "ALTER_TABLE_CLUSTER_ON:b", "--reason", "why")
        #expect(object.exitCode == 1 && object.errors.contains("the rule found: a"), "\(object.errors)")
        let bare = try analyze("--waive", "ALTER_TABLE_CLUSTER_ON")
        #expect(bare.exitCode == 1 && bare.errors.contains("--reason"))
        let blocking = try analyze("--accept", "PK_UK_ON_TSVECTOR_DATATYPE")
        #expect(blocking.exitCode == 1 && blocking.errors.contains("blocking"), "\(blocking.errors)")
        let back = try analyze("--take-back", "REINDEX")
        #expect(back.exitCode == 1 && back.errors.contains("nothing was decided"), "\(back.errors)")
    }

    @Test func `a waiver that matches nothing any more is told`() throws {
        #expect(try analyze("--waive", "ALTER_TABLE_CLUSTER_ON", "--reason", "why").exitCode == 0)
        try "create table a (id int primary key);\n".write(to: tables, atomically: true, encoding: .utf8)
        let run = try analyze()
        #expect(run.output.contains("ALTER_TABLE_CLUSTER_ON is waived, and matches nothing any more"))
        #expect(try report().contains("decisionsWithoutFinding"))
    }
}
