import Foundation
import Records
import Testing

@testable import Schema

/// Decisions about findings, and what the console reads of an analysis.
@Suite struct DecisionTests {
    private static let sql = "create unlogged table t (a int primary key);\ncreate table u (a int);\n"
    private static let waiver = SchemaDecision(
        .waived, FindingName(rule: "UNLOGGED_TABLE", object: "t"), reason: "a cache, <b>not</b> moved",
        by: "ada@bastion console", at: 1_700_000_000)
    private static let stray = SchemaDecision(
        .accepted, FindingName(rule: "REINDEX"), by: "bob@bastion verb", at: 1_700_000_000)

    private func analyzed(_ files: SchemaFiles) throws -> SchemaAnalysis {
        try DurableFile.write(Self.sql, to: files.path(of: .table))
        return try analyzeSchema(files: files, target: .postgreSQL(major: 15))
    }

    @Test func `decisions are kept outside of schema, and read as they were written`() throws {
        try withExportDirectory { files in
            #expect(try files.readDecisions() == SchemaDecisions())
            let decisions = SchemaDecisions([Self.waiver, Self.stray])
            try files.write(decisions)
            #expect(try files.readDecisions() == decisions)
            #expect(!files.decisions.hasPrefix(files.schemaDirectory))
            let text = try DurableFile.read(files.decisions)
            for part in ["waived", "UNLOGGED_TABLE", "ada@bastion console", "a cache", "1700000000"] {
                #expect(text.contains(part), "\(text)")
            }
        }
    }

    @Test(arguments: [
        ("{}", "it is not in the form"), ("{\"version\": 9, \"decisions\": []}", "version 9"),
    ])
    func `a file of decisions that cannot be read stops the analysis`(text: String, reason: String) throws {
        try withExportDirectory { files in
            try DurableFile.write(text, to: files.decisions)
            let error = #expect(throws: SchemaError.self) { try analyzed(files) }
            #expect(error?.description.contains(reason) == true)
            #expect(error?.description.contains(files.decisions) == true)
        }
    }

    @Test func `every report says who has decided what, when and why, and what matches nothing`() throws {
        try withExportDirectory { files in
            try files.write(SchemaDecisions([Self.waiver, Self.stray]))
            let analysis = try analyzed(files)
            #expect(analysis.openIssues.map(\.object) == ["u"])
            let heading = ReportHeading(at: 1_700_000_000)
            for path in try writeReport(
                analysis, heading: heading, formats: SchemaReportFormat.allCases, files: files)
            {
                let text = try DurableFile.read(path)
                for part in ["waived", "ada@bastion console", "a cache", "REINDEX", "bob@bastion verb"] {
                    #expect(text.contains(part), "\(path) without \(part)")
                }
                #expect(path.hasSuffix("json") || text.contains("2023-11-14 22:13"), "\(path)")
                #expect(!path.hasSuffix("html") || !text.contains("<b>not</b>"))
            }
            let json = try DurableFile.read(files.report(format: .json))
            #expect(
                try JSONSchemaCheck(named: "schema-analysis-report.schema.json").faults(in: json) == [])
            #expect(json.contains("2 blocking, 0 warning, 0 info; of these, 1 waived"))
        }
    }

    @Test func `the console reads each finding with its statement, the place in it, and its diff`() throws {
        try withExportDirectory { files in
            #expect(try files.readReview() == nil)
            try files.writeReview(try analyzed(files), at: 7)
            let review = try #require(try files.readReview())
            #expect(review.at == 7)
            #expect(review.target == "PostgreSQL 15")
            #expect(review.objects == 2)
            let finding = try #require(review.findings.first)
            #expect(finding.statement.before == "create unlogged table ")
            #expect(finding.statement.mark == "t")
            #expect(finding.statement.firstLine == 1)
            #expect(review.findings.last?.statement.firstLine == 2)
        }
    }

    @Test func `of a long statement the lines around the place are kept`() throws {
        let columns = (0..<300).map { "    a\($0) int" }.joined(separator: ",\n")
        let found = analysis("create table t (\n\(columns),\n    z xml\n);").findings
        let finding = try #require(found.first { $0.issue.rule == "UNSUPPORTED_DATATYPE_XML" })
        let excerpt = finding.reviewed.statement
        #expect(excerpt.text.utf8.count < 3000)
        #expect(excerpt.firstLine > 100)
        let lineOfMark = excerpt.firstLine + excerpt.before.count { $0 == "\n" }
        #expect(lineOfMark == finding.issue.line)
    }

    @Test func `a change that was shown is made, and one that would be another is not`() throws {
        try withExportDirectory { files in
            let before = "-- mine\nalter table t cluster on i;\nselect 1;\n"
            try DurableFile.write(before, to: files.path(of: .table))
            let target = AnalysisTarget.yugabyteDB(try #require(Release("2024.1.0.0")))
            let found = try analyzeSchema(files: files, target: target)
            let finding = try #require(found.findings.first { $0.fix != nil }).reviewed
            let shown = ShownFix(finding: finding.name, diff: finding.diff)
            try DurableFile.write("\n" + before, to: files.path(of: .table))
            let moved = try analyzeSchema(files: files, target: target)
            #expect(throws: SchemaError.fixChanged(finding: "\(finding.name)")) {
                try SchemaFixes(moved, shown: [shown])
            }
            #expect(try SchemaFixes(found, shown: [shown, shown]).count == 1)
            try DurableFile.write(before, to: files.path(of: .table))
            try SchemaFixes(found, shown: [shown]).write(files)
            #expect(try DurableFile.read(files.path(of: .table)) == "-- mine\nselect 1;\n")
        }
    }
}
