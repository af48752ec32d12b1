import Engine
import Foundation
import Support
import Testing

/// The whole demo on a terminal, driven only by keys, on real servers while the application writes.
@Suite(.serialized) struct DemoByKeysTests {
    @Test(arguments: [(24, 80), (36, 120)])
    func `the whole demo needs only keys, from the forms to the end`(rows: Int, columns: Int) throws {
        let directory = NSTemporaryDirectory() + "switchback-voyage-\(columns)-\(UUID().uuidString.prefix(6))"
        let console = try PseudoTerminal(
            executable: builtProgram("switchback"),
            arguments: ["demo", "--rate", "100", "--rows", "20000", "--dir", directory], rows: rows,
            columns: columns)
        let name = (directory as NSString).lastPathComponent
        try console.waitFor("PREPARE", timeout: 60)
        try console.waitFor("▸ [ Check both databases ]")
        console.send(Key.enter)
        try console.waitFor(timeout: 60) { screen in
            screen.contains { $0.contains("Checks  ") && $0.contains(" ok") && !$0.contains("again") }
        }
        console.send(nextPage)
        for (step, next) in [
            ("export the source's schema", "analyze the files"),
            ("analyze the files", "import tables, keys"),
        ] {
            try console.waitFor("(•) \(step)")
            console.send(Key.enter)
            try console.waitFor("(•) \(next)", timeout: 60)
        }
        console.send(Key.enter)
        try console.waitFor("✓ import schema: done", timeout: 60)
        console.send(nextPage)
        try console.waitFor("(•) copy all rows")
        console.send(Key.enter + Key.enter)
        try console.waitFor("STREAMING", timeout: 60)
        try console.waitFor("(•) import indexes and triggers")
        console.send(Key.enter + Key.enter)
        try console.waitFor("IMPORT INDEXES AND TRIGGERS")
        console.send(Key.tab + Key.enter)
        try console.waitFor("✓ import indexes and triggers: done", timeout: 60)

        console.send("1")
        try expectTables(console, left: exportLabels, right: importLabels, under: "Export from source")
        try cutOver(console, to: "target", named: name)
        let migration = try Migration(existing: directory + "/export-dir")
        #expect(try migration.status().phase == .fallBack)
        #expect(try migration.status().route == .target)
        console.send("1")
        try expectTables(console, left: importLabels, right: exportLabels, under: "Import to source")
        // Closing the console does not end the worker. The demo's end ends both, so the worker is checked
        // before.
        #expect(migration.workerIsAlive())
        try waitForReverseChanges(migration, console)
        try cutOver(console, to: "source", named: name)
        #expect(try migration.status().route == .source)
        for cutover in try migration.status().cutovers {
            #expect(cutover.word == .completed)
            #expect(cutover.steps.contains { $0.detail.hasSuffix(", equal") }, "\(cutover)")
        }

        console.send("4")
        try console.waitFor("End of the migration")
        let backup = directory + "-backup"
        try FileManager.default.createDirectory(atPath: backup, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: backup) }
        console.send(String(repeating: Key.tab, count: 4) + backup + Key.tab)
        try console.waitFor("▸ [")
        try console.confirm(by: name, thenPress: "End it")
        try console.waitFor("ENDED", timeout: 60)
        console.send("q")
        #expect(try console.waitForEnd(timeout: 60) == 0)
        #expect(FileManager.default.fileExists(atPath: backup + "/schema/tables/table.sql"))
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    private let exportLabels = [
        "Total Exported Events", "Total Exported Events (Current Run)", "Export Rate(Last 3 min)",
        "Export Rate(Last 10 min)",
    ]
    private let importLabels = [
        "Total Imported events", "Events Imported in this Run", "Ingestion Rate (last 3 mins)",
        "Ingestion Rate (last 10 mins)", "Time taken in this Run", "Remaining Events",
        "Estimated Time to catch up",
    ]

    private func cutOver(_ console: PseudoTerminal, to side: String, named name: String) throws {
        console.send("5")
        try console.waitFor("Cutover to \(side)")
        // The gates read the catalogs every few seconds.
        try console.waitFor(timeout: 60) { screen in
            screen.contains { $0.contains("Gates  ") && $0.contains("green") && !$0.contains("refuse") }
        }
        console.send(Key.enter)
        try console.waitFor("Type \(name) to continue")
        console.send(name + Key.tab)
        try console.waitFor("▸ [ Cut over ]")
        console.send(Key.enter)
        try console.waitFor("The application is on the \(side)", timeout: 120)
        console.send(Key.enter)
    }

    private let nextPage = "\u{0E}"

    private func expectTables(_ console: PseudoTerminal, left: [String], right: [String], under title: String)
        throws
    {
        try console.waitFor(title)
        let middle = console.columns / 2
        // The screen may be only half drawn, so the check is repeated.
        try console.waitFor { screen in
            [(left, true), (right, false)].allSatisfy { labels, isLeft in
                labels.allSatisfy { label in
                    screen.contains { line in
                        guard let range = line.range(of: label) else { return false }
                        return (line.distance(from: line.startIndex, to: range.lowerBound) < middle) == isLeft
                    }
                }
            }
        }
    }

    private func waitForReverseChanges(_ migration: Migration, _ console: PseudoTerminal) throws {
        try console.waitFor(timeout: 60) { _ in
            // Read at every poll of the screen; after a failed reading the next poll reads again.
            guard let status = try? migration.status() else { return false }
            return (status.apply?.direction == .reverse) && (status.apply?.totalEvents.total ?? 0) > 100
        }
    }
}

/// Returns the path of a program of this package, beside the test bundle.
func builtProgram(_ name: String) -> String {
    let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
    let folder =
        bundle?.deletingLastPathComponent()
        ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    return folder.appendingPathComponent(name).path
}
