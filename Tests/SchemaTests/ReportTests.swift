import Foundation
import Records
import Testing

@testable import Schema

/// The report of an analysis in its formats.
@Suite struct ReportTests {
    private static let sql =
        "-- Name: a<b; Type: TABLE; Schema: s; Owner: -\n\nCREATE UNLOGGED TABLE s.\"a<b\" (x int);\n"
    private static let heading = ReportHeading(
        program: "switchback 9", database: "shop", databaseVersion: "15.4", at: 1_700_000_000)

    @Test func `the report says the same in every format`() throws {
        try withExportDirectory { files in
            try DurableFile.write(Self.sql, to: files.path(of: .table))
            let analysis = try analyzeSchema(files: files, target: .postgreSQL(major: 15))
            #expect(analysis.issues.map(\.rule) == ["UNLOGGED_TABLE"])
            let issue = try #require(analysis.issues.first)
            #expect(issue.object == "s.a<b")
            #expect(issue.line == 3)
            #expect(issue.column == 23)
            let paths = try writeReport(
                analysis, heading: Self.heading, formats: SchemaReportFormat.allCases, files: files)
            #expect(paths.count == 4)
            for path in paths {
                let text = try DurableFile.read(path)
                #expect(text.contains("UNLOGGED_TABLE"))
                #expect(text.contains("shop"))
                #expect(text.contains("15.4"))
            }
        }
    }

    @Test func `only the formats that were asked for are written`() throws {
        try withExportDirectory { files in
            try DurableFile.write(Self.sql, to: files.path(of: .table))
            let analysis = try analyzeSchema(files: files, target: .latestYugabyteDB)
            try writeReport(analysis, heading: Self.heading, formats: [.xml], files: files)
            let written = SchemaReportFormat.allCases.filter { DurableFile.exists(files.report(format: $0)) }
            #expect(written == [.xml])
        }
    }

    @Test func `the JSON has the names of yb-voyager's report, and ours beside`() throws {
        let found = analysis(Self.sql)
        let text = try SchemaReport(analysis: found, heading: Self.heading, directory: "/e").json()
        let report = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(report["VoyagerVersion"] as? String == "switchback 9")
        #expect(report["TargetDBVersion"] as? String == "2025.2.3.0")
        let summary = try #require(report["Summary"] as? [String: Any])
        #expect(summary["DbName"] as? String == "shop")
        #expect(summary["SchemaNames"] as? [String] == ["s"])
        let objects = try #require(summary["DatabaseObjects"] as? [[String: Any]])
        #expect(objects.first?["ObjectType"] as? String == "TABLE")
        #expect(objects.first?["TotalCount"] as? Int == 1)
        #expect(objects.first?["InvalidCount"] as? Int == 1)
        #expect(objects.first?["ObjectNames"] as? String == "s.a<b")
        let issue = try #require((report["Issues"] as? [[String: Any]])?.first)
        #expect(issue["IssueType"] as? String == "migration_caveats")
        #expect(issue["FilePath"] as? String == "/e/schema/tables/table.sql")
        #expect((issue["SqlStatement"] as? String)?.hasPrefix("CREATE UNLOGGED TABLE") == true)
        #expect(issue["id"] as? String == "UNLOGGED_TABLE")
        #expect(issue["severity"] as? String == "blocking")
        #expect(issue["line"] as? Int == 3)
        #expect(issue["column"] as? Int == 23)
    }

    @Test func `a finding names the releases that have the construct, by their series`() throws {
        let found = analysis(
            "create table t (a int primary key, b int4multirange);",
            target: .yugabyteDB(try #require(Release("2024.2.0.0"))))
        let text = try SchemaReport(analysis: found, heading: Self.heading, directory: "/e").json()
        let report = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let issue = try #require((report["Issues"] as? [[String: Any]])?.first)
        #expect((issue["MinimumVersionsFixedIn"] as? [String: String])?["2025.1"] == "2025.1.0.0")
        #expect((issue["GH"] as? String)?.hasSuffix("/issues/25575") == true)
        #expect((issue["DocsLink"] as? String)?.contains("#postgresql-12-and-later-features") == true)
    }

    @Test func `the JSON of each kind of finding is as docs describes it`() throws {
        let check = try JSONSchemaCheck(named: "schema-analysis-report.schema.json")
        for example in RuleCase.all {
            let found = analysis(example.finds, target: example.target)
            let text = try SchemaReport(analysis: found, heading: Self.heading, directory: "/e").json()
            #expect(try check.faults(in: text) == [], "\(example.rule)")
        }
        #expect(try check.faults(in: "{\"Issues\": [{\"line\": \"1\", \"what\": 2}]}").count > 15)
    }

    @Test func `the page escapes names, groups by rule, and marks the place`() throws {
        let found = analysis(Self.sql + "create table u (a int); create table v (a int);")
        let page = try SchemaReport(analysis: found, heading: Self.heading, directory: "/e").page()
        #expect(page.contains("s.a&lt;b"))
        #expect(!page.contains("s.a<b"))
        #expect(page.components(separatedBy: "<code>NO_PRIMARY_KEY</code>").count == 2)
        #expect(page.contains("CREATE UNLOGGED TABLE <mark>s."))
        // Neither the rule nor its findings have these.
        for absent in ["Fixed in", "href=\"\"", "class=\"fix\""] { #expect(!page.contains(absent)) }
    }

    @Test func `the XML is well formed, whatever a statement has in it`() throws {
        let found = analysis("create unlogged table \"<&\u{1}>\" (a int primary key);")
        let text = SchemaReport(analysis: found, heading: Self.heading, directory: "/e").xml()
        #expect(text.contains("<ObjectName>&lt;&amp;&gt;</ObjectName>"))
        #expect(text.components(separatedBy: "<Issues>").count == found.findings.count + 1)
    }
}
