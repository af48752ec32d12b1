import Console
import Engine
import Records
import Support
import Testing

@Suite struct HostileTableTests {
    @Test func `the console shows a line for each table, whatever its name, and no control character`() {
        var random = Randomness("hostile names in the console")
        for _ in 0..<20 {
            let tables = HostileNames.tables(12, &random)
            var migration = FakeMigration.streaming()
            migration.status.tables = tables.map {
                TableStatus(
                    name: $0, rowsEstimate: 1, exportedRows: 77, importedRows: 77, snapshotIsDone: true)
            }
            var hands = Hands(migration)
            hands.press(.character("2"))
            let lines = hands.screen(rows: 30, columns: 120)
            for line in lines {
                #expect(
                    line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
                    "\(line.debugDescription)")
            }
            #expect(
                lines.count { $0.hasSuffix(" 77 │") } == tables.count, "\(lines.joined(separator: "\n"))")
        }
    }
}
