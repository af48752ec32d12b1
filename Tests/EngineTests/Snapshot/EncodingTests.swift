import Demo
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

@Suite struct EncodingCheckTests {
    private func states(_ side: Side, _ own: String, _ other: String?, fallBack: Bool) -> [CheckResult.State]
    {
        EncodingChecks.run(
            side, own: own, other: other, isRead: side == .source || fallBack,
            isWritten: side == .target || fallBack
        ).map(\.state)
    }

    @Test func `a warning names an encoding only if it may refuse a text`() {
        #expect(states(.source, "UTF8", "LATIN1", fallBack: true) == [])
        #expect(states(.target, "UTF8", "LATIN1", fallBack: true) == [])
        #expect(states(.source, "LATIN1", "UTF8", fallBack: false) == [])
        #expect(states(.source, "LATIN1", "UTF8", fallBack: true) == [.warning])
        #expect(states(.target, "LATIN1", "UTF8", fallBack: false) == [.warning])
        #expect(states(.target, "LATIN1", "LATIN1", fallBack: true) == [])
        #expect(states(.target, "LATIN1", nil, fallBack: false) == [.warning])
        #expect(states(.source, "SQL_ASCII", "UTF8", fallBack: false) == [.warning])
        #expect(states(.target, "SQL_ASCII", "UTF8", fallBack: false) == [])
    }
}

@Suite struct EncodingNoticeTests {
    @Test func `an export of the schema names an encoding that is not UTF-8, and what is lost by it`() {
        #expect(EncodingNotice.lines("UTF8").isEmpty)
        let unnamed = EncodingNotice.lines("SQL_ASCII").joined(separator: "\n")
        #expect(unnamed.contains("SQL_ASCII") && unnamed.contains("not valid UTF-8"))
        let latin = EncodingNotice.lines("LATIN1").joined(separator: "\n")
        #expect(latin.contains("none is lost on the way to the target"))
        #expect(latin.contains("a character that LATIN1 lacks is refused"))
    }
}

extension ServerSuites {
    @Suite(.serialized) struct EncodingTests {
        private static func encoding(_ name: String) -> String {
            "encoding '\(name)' template template0 lc_collate 'C' lc_ctype 'C'"
        }

        @Test(arguments: ["SQL_ASCII", "LATIN1", "UTF8"])
        func `the export of a schema says what its encoding means for the texts`(name: String) async throws {
            try await withSite("", options: [.source: Self.encoding(name)]) { site in
                let exported = try await runRequest(
                    .exportSchema(startClean: false), migration: site.migration,
                    options: RunOptions(source: try site.access(.source)), line: { _ in })
                #expect(exported.state == .done)
                let lines = exported.lines.filter { $0.hasPrefix("encoding: ") }
                #expect(lines == EncodingNotice.lines(name))
                #expect(lines.isEmpty == (name == "UTF8"))
            }
        }

        @Test
        func
            `texts that are no UTF-8 stop the stream in words, and all others arrive from a database without encoding`()
            async throws
        {
            let tables = "create table texts (id int primary key, t text);"
            try await withSite(tables, options: [.source: Self.encoding("SQL_ASCII")]) { site in
                try site.connect(.source).execute("insert into texts values (1, 'é')")
                try await site.goLive()
                try site.connect(.source).execute("insert into texts values (2, 'ü')")
                #expect(try await site.differences() == [])
                try site.connect(.source).execute(
                    "insert into texts values (3, convert_from('\\xe9', 'SQL_ASCII'))")
                try await eventually("the capture has stopped") {
                    try site.trouble().contains("a text is not valid UTF-8")
                }
            }
        }

        @Test func `a character that the target's encoding lacks is reported with its table and a remedy`()
            async throws
        {
            let tables = "create table texts (id int primary key, t text);"
            try await withSite(tables, options: [.target: Self.encoding("LATIN1")]) { site in
                try site.connect(.source).execute("insert into texts values (1, 'é')")
                try await site.goLive()
                try site.connect(.source).execute("insert into texts values (2, '€')")
                try await eventually("the apply has stopped") {
                    let trouble = try site.trouble()
                    return trouble.contains("public.texts") && trouble.contains("lacks a character")
                }
            }
        }
    }
}
