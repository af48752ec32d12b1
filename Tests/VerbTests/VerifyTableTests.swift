import Engine
import Foundation
import Records
import Testing

@testable import switchback

/// The output of `verify`: its lines, its JSON, its exit codes and the file of the repairs.
@Suite struct VerifyTableTests {
    private static func report(differs: Bool) -> VerifyReport {
        var report = VerifyReport(direction: .forward, startedAt: 0)
        report.endedAt = 1
        var entry = VerifyReport.Entry(table: "public.item")
        entry.rows = 7
        entry.position = LogPosition(number: 5)
        report.tables = [entry]
        guard differs else { return report }
        report.tables[0].differences = 1
        let row = { (sum: String) in
            ReadRow(key: RowKey(["3"]), digest: RowDigest(rows: 1, sum: sum), version: "")
        }
        var difference = RowDifference(
            table: "public.item", key: RowKey(["3"]), origin: row("a"), destination: row("b"))
        difference.take(origin: ["3", nil], destination: ["3", "se\ncret"], names: ["id", "note"])
        difference.repair = ["update only \"public\".\"item\" set \"note\" = null where \"id\" = '3'::bigint"]
        report.differences = [difference]
        return report
    }

    @Test func `verify says by its exit code and its lines what it found`() throws {
        let equal = Self.report(differs: false)
        #expect(VerifyTable.exitCode(equal.outcome) == 0)
        #expect(
            VerifyTable.lines(equal, showsValues: false).last
                == "source and target are equal: 7 rows of 1 table")
        let other = Self.report(differs: true)
        #expect(VerifyTable.exitCode(other.outcome) == 1)
        var unproved = equal
        unproved.tables[0].reason = "it is gone"
        #expect(VerifyTable.exitCode(unproved.outcome) == 2)
        unproved.tables[0].reason = nil
        unproved.tables[0].unsettledRows = 1
        #expect(VerifyTable.exitCode(unproved.outcome) == 2)
        let (command, _) = try Switchback.parse(["verify", "-e", "/e", "--once", "--repair-sql", "/f"])
        let verb = try #require(command as? VerifyRows)
        #expect(verb.once && verb.repairSql == "/f" && !verb.showValues)
        #expect(RepairFile(other).text.contains("begin;\nupdate only"))
    }

    @Test func `values are shown on request only`() throws {
        let report = Self.report(differs: true)
        let plain = VerifyTable.lines(report, showsValues: false)
        #expect(plain.contains("public.item (3): different: note"))
        #expect(!plain.contains { $0.contains("cret") })
        let full = VerifyTable.lines(report, showsValues: true)
        #expect(
            full.contains("    source: '3', NULL") && full.contains { $0.hasPrefix("    target: '3', 'se") })
        #expect(!full.contains { $0.contains("\n") })
        #expect(!VerifyTable.json(report, showsValues: false).contains("cret"))
        let json = try JSONSerialization.jsonObject(
            with: Data(VerifyTable.json(report, showsValues: true).utf8))
        let form = try #require(json as? [String: Any])
        let first = try #require((form["differences"] as? [[String: Any]])?.first)
        #expect(form["outcome"] as? String == "differs" && first["key"] as? [String] == ["3"])
        #expect((first["destination_values"] as? [Any])?.last as? String == "se\ncret")
    }

    @Test func `a wrong command line of verify does not look like a difference`() async {
        #expect(await Switchback.run(["verify", "--no-such-flag"]) == 2)
        #expect(await Switchback.run(["check", "--no-such-flag"]) == 1)
    }

    @Test func `a budget is a time with its unit`() {
        #expect(TimeSpan(argument: "30s")?.seconds == 30 && TimeSpan(argument: "500ms")?.seconds == 0.5)
        #expect(TimeSpan(argument: "2M")?.seconds == 120)
        for text in ["30", "0s", "-1s", "s", "1.5s", "1h"] { #expect(TimeSpan(argument: text) == nil) }
    }
}
