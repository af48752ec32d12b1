import Engine
import Foundation
import Records
import Support
import Testing

@testable import switchback

@Suite struct HostileReportTests {
    @Test func `the report has two rows for each table, whatever its name, and no control character`() throws
    {
        var random = Randomness("hostile names in the report")
        let tables = HostileNames.tables(60, &random)
        let report = MigrationReport(
            status { status in
                status.tables = tables.enumerated().map {
                    TableStatus(name: $1, rowsEstimate: 1, exportedRows: Int64($0), importedRows: Int64($0))
                }
            })
        // A page has thirty rows, two lines of headings and, from the second page on, an empty line before
        // it.
        let pages = 2 * tables.count / MigrationReport.rowsPerPage
        #expect(report.lines().count == 2 * tables.count + 2 * pages + pages - 1)
        for line in report.lines() {
            #expect(
                line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
                "\(line.debugDescription)")
        }
        // A script can identify each table by its unique name.
        struct Row: Decodable { let table_name: String }
        let rows = try JSONDecoder().decode([Row].self, from: Data(try report.json().utf8))
        let names = rows.map { QualifiedName(parsing: $0.table_name) }
        #expect(names.count == 2 * tables.count)
        #expect(Set(names) == Set(tables))
        #expect(Set(rows.map(\.table_name)).count == tables.count)
    }
}
