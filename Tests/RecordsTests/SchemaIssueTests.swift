import Foundation
import Records
import Testing

/// An issue of the exported schema as journals and reports keep it.
@Suite struct SchemaIssueTests {
    private func decoded(_ json: String) throws -> SchemaIssue {
        try JSONDecoder().decode(SchemaIssue.self, from: Data(json.utf8))
    }

    @Test(arguments: [
        ("failure", SchemaIssue.Severity.blocking), ("warning", .warning), ("ok", .info),
    ])
    func `an issue of an older journal is read, with its line at the end of the file`(
        word: String, severity: SchemaIssue.Severity
    ) throws {
        let issue = try decoded(
            """
            {"severity":"\(word)","objectType":"TABLE","object":"public.item","reason":"why","suggestion":"do",
             "file":"schema/tables/table.sql:12"}
            """)
        #expect(
            issue
                == SchemaIssue(
                    rule: "", severity: severity, objectType: "TABLE", object: "public.item", reason: "why",
                    suggestion: "do", file: "schema/tables/table.sql", line: 12))
        #expect(issue.place == "schema/tables/table.sql:12")
    }

    @Test func `an issue is read as it is written`() throws {
        let issue = SchemaIssue(
            rule: "NO_PRIMARY_KEY", severity: .info, objectType: "TABLE", object: "a:b", reason: "why",
            suggestion: "do", file: "schema/a:7", line: 3)
        let data = try JSONEncoder().encode(issue)
        #expect(try JSONDecoder().decode(SchemaIssue.self, from: data) == issue)
    }

    @Test func `a severity that is unknown is an error`() {
        #expect(throws: DecodingError.self) {
            try decoded(
                #"{"severity":"grave","objectType":"","object":"","reason":"","suggestion":"","file":""}"#)
        }
    }
}
