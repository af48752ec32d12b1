import Engine
import Records
import Testing

@testable import switchback

/// The gates that were waived, in every report.
@Suite struct WaiverReportTests {
    private static let line =
        "cutover to target (aborted): gate indexes was waived by ada at 2026-01-31T10:00:00.000000Z: "
        + "built at night"

    /// An attempt with a waiver that was aborted, and a newer one without.
    private let waived = status { status in
        var aborted = CutoverStatus(to: .target, word: .aborted, requestedAt: 1_769_853_600)
        aborted.waivers = [
            GateWaiver(gate: .indexes, reason: "built at night", by: "ada", at: 1_769_853_600)
        ]
        status.cutovers = [
            aborted, CutoverStatus(to: .target, word: .completed, requestedAt: 1_769_853_700),
        ]
        status.tables = [TableStatus(name: QualifiedName(schema: "public", name: "item"))]
    }

    @Test func `each report names the waived gate with who, when and why`() {
        let reports = [
            "cutover status": CutoverTable.lines(waived),
            "status": HealthTable.lines(MigrationHealth(waived), waived),
            "get data-migration-report": MigrationReport(waived).lines(),
            "export data status": ExportStatusReport(waived).lines(),
            "import data status": ImportStatusReport(waived).lines(),
        ]
        for (report, lines) in reports { #expect(lines.contains(Self.line), "\(report): \(lines)") }
        let none = status()
        for lines in [
            CutoverTable.lines(none), HealthTable.lines(MigrationHealth(none), none),
            MigrationReport(none).lines(),
            ExportStatusReport(none).lines(), ImportStatusReport(none).lines(),
        ] { #expect(!lines.contains { $0.contains("waived") }) }
    }

    @Test func `the JSON of cutovers and health has the waivers, and the other reports have a file`() throws {
        for json in [
            try CutoverTable.json(waived), try HealthTable.json(MigrationHealth(waived), waived),
            try MigrationReport(waived).waivers.json(),
        ] {
            for part in [
                "\"gate\" : \"indexes\"", "\"reason\" : \"built at night\"", "\"by\" : \"ada\"",
                "\"at\" : \"2026-01-31T10:00:00.000000Z\"", "\"cutover_status\" : \"ABORTED\"",
            ] { #expect(json.contains(part), "\(part): \(json)") }
        }
    }

    @Test func `the JSON of the gates says who waived one`() throws {
        var gate = Gate(.indexes, title: "The indexes are equal", .red, found: "index i is missing")
        gate.waiver = GateWaiver(gate: .indexes, reason: "built at night", by: "ada", at: 1_769_853_600)
        let json = try GateTable.json([gate], now: 0)
        for part in [
            "\"waived\" : \"built at night\"", "\"waived_by\" : \"ada\"",
            "\"waived_at\" : \"2026-01-31T10:00:00.000000Z\"",
        ] { #expect(json.contains(part), "\(json)") }
        #expect(GateTable.lines([gate], now: 0).contains("  waived, indexes, by ada: built at night"))
    }

    @Test func `a reason is one line, whatever was typed`() throws {
        let waiver = try GateWaiver(parsing: "indexes= built\n at\u{1B}[31m  night ")
        #expect(waiver.reason == "built at [31m night")
    }
}
