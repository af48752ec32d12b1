import Engine
import Foundation
import Records
import Testing

@testable import switchback

@Suite struct CheckTableTests {
    private let checks = [
        CheckResult(side: .source, name: "wal_level", state: .ok, found: "logical", wanted: "logical"),
        CheckResult(
            side: .source, name: "right to replicate", state: .failure, found: "missing",
            wanted: "REPLICATION", remedy: "alter role m replication",
            fix: CheckFix(
                ["alter role m replication"], undo: ["alter role m noreplication"], afterwards: "log in anew")
        ),
        CheckResult(
            side: .target, name: "encoding", state: .warning, found: "LATIN1", remedy: "make it anew"),
    ]

    @Test func `each finding is printed with what mends it and what takes that back`() {
        let lines = CheckTable.lines(checks)
        #expect(lines[0].hasPrefix("DATABASE | CHECK"))
        #expect(lines.contains("    found:      missing") && lines.contains("    wanted:     REPLICATION"))
        #expect(lines.contains("    to mend it: alter role m replication;"))
        #expect(lines.contains("    then:       log in anew"))
        #expect(lines.contains("    to undo:    alter role m noreplication;"))
        #expect(lines.contains("    to mend it: make it anew"))
        #expect(lines.last == "3 checks: 1 failed, 1 warning")
        // What is in order has nothing to mend.
        #expect(!lines.contains("source: wal_level"))
    }

    @Test func `the JSON has the SQL of each check`() throws {
        let text = try CheckTable.json(checks)
        let list = try #require(
            JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(list.map { $0["result"] as? String } == ["ok", "failed", "warning"])
        #expect(list[1]["fix_sql"] as? [String] == ["alter role m replication"])
        #expect(list[1]["undo_sql"] as? [String] == ["alter role m noreplication"])
        #expect(list[2]["fix_sql"] as? [String] == [])
    }

    @Test func `only findings with SQL can be named for a fix`() throws {
        #expect(try CheckDatabases.chosen("all", among: checks).map(\.name) == ["right to replicate"])
        #expect(
            try CheckDatabases.chosen("right to replicate", among: checks).map(\.name)
                == ["right to replicate"])
        for name in ["encoding", "wal_level", "right to replicate,nothing", ""] {
            if name.isEmpty {
                #expect(try CheckDatabases.chosen(name, among: checks).isEmpty)
            } else {
                #expect(throws: VerbFailure.self) { try CheckDatabases.chosen(name, among: checks) }
            }
        }
    }
}
