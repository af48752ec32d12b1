import Demo
import Foundation
import Postgres
import Records
import Testing

extension CommandRun {
    /// Checks that it ended with this exit code and one message on stderr that has all of `words`, and that
    /// only stderr has it.
    func expectRefusal(
        _ words: [String], code: Int32 = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(exitCode == code, "\(line)\n\(output)\n\(errors)", sourceLocation: sourceLocation)
        // The gates that refuse a cutover have a line each.
        let lines = errors.split(separator: "\n")
        #expect(
            errors.hasPrefix("Error: ") && (lines.count == 1 || errors.contains("--waive")), "\(errors)",
            sourceLocation: sourceLocation)
        for word in words { #expect(errors.contains(word), "\(errors)", sourceLocation: sourceLocation) }
        #expect(!output.contains("Error"), "\(output)", sourceLocation: sourceLocation)
    }
}

extension WorkflowTests {
    /// Faults of a connection: reported at once, and nothing of it is stored.
    @Suite struct RefusedConnectionTests {
        struct Case: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let flag: String
            let value: String
            /// 3 if no server answers: a script may retry.
            var exitCode: Int32 = 1
            let words: [String]
        }

        static let cases = [
            Case(
                testDescription: "wrong password", flag: "DB_PASSWORD", value: "wrong",
                words: ["password authentication failed", "28P01", "give the right password"]),
            Case(
                testDescription: "wrong host", flag: "DB_HOST", value: "no-such-host.invalid", exitCode: 3,
                words: ["no-such-host.invalid", "could not translate host name", "host and port are right"]),
            Case(
                testDescription: "wrong port", flag: "DB_HOST", value: "PORT", exitCode: 3,
                words: [":1/", "Connection refused", "host and port are right"]),
            Case(
                testDescription: "wrong database", flag: "DB_NAME", value: "nosuch",
                words: ["database \"nosuch\" does not exist", "3D000", "check the database's name"]),
            Case(
                testDescription: "wrong user", flag: "DB_USER", value: "nosuch",
                words: ["nosuch", "password authentication failed", "28P01"]),
        ]

        private func changed(_ wrong: Case, _ side: Side, _ site: WorkflowSite) -> [String: String] {
            let flag = "\(side == .source ? "SOURCE" : "TARGET")_\(wrong.flag)"
            let port = "\(site.servers[side].address) --\(side.rawValue)-db-port 1"
            return [flag: wrong.value == "PORT" ? port : wrong.value]
        }

        @Test(arguments: cases)
        func `a wrong connection to the source is refused with a reason, and the right one then works`(
            wrong: Case
        ) async throws {
            try await withSite { site in
                let schema = try await site.run(
                    Manual.exportSchema, changed(wrong, .source, site), exits: wrong.exitCode)
                schema.expectRefusal(wrong.words, code: wrong.exitCode)
                let data = try await site.run(
                    Manual.exportData, changed(wrong, .source, site), exits: wrong.exitCode)
                data.expectRefusal(wrong.words, code: wrong.exitCode)
                let slots = try site.sql(
                    .source, "select from pg_replication_slots where database = current_database()")
                #expect(slots.rows.isEmpty)
                try await site.run(Manual.exportSchema)
            }
        }

        @Test(arguments: cases)
        func `a wrong connection to the target is refused with a reason, and the right one then works`(
            wrong: Case
        ) async throws {
            try await withSite { site in
                try await site.run(Manual.exportSchema)
                let schema = try await site.run(
                    Manual.importSchema, changed(wrong, .target, site), exits: wrong.exitCode)
                schema.expectRefusal(wrong.words, code: wrong.exitCode)
                let data = try await site.run(
                    Manual.importData, changed(wrong, .target, site), exits: wrong.exitCode)
                data.expectRefusal(wrong.words, code: wrong.exitCode)
                #expect(try site.sql(.target, "select to_regnamespace('ybvoyager_metadata')").scalar == nil)
                try await site.run(Manual.importSchema + " --ignore-exist true")
            }
        }

        @Test func `a schema that does not exist is named`() async throws {
            try await withSite { site in
                for command in [Manual.exportSchema, Manual.exportData] {
                    let run = try await site.run(command, ["SOURCE_DB_SCHEMA": "nosuch"], exits: 1)
                    run.expectRefusal(["nosuch", "schema", "not "])
                }
            }
        }
    }
}
