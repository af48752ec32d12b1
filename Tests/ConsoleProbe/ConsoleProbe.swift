import Console
import Engine
import Foundation
import Records
import Support

/// The console on a simulated migration, for tests that need a terminal: `consoleprobe <scene> [options]`.
@main
struct ConsoleProbe {
    static func main() {
        do {
            try run()
        } catch {
            print("\(error)")
            exit(1)
        }
    }

    private static func run() throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "canvas" { return try runCanvas(arguments.dropFirst().first ?? "tokens") }
        var migration = scene(arguments.first ?? "fresh")
        let directory = ProcessInfo.processInfo.environment["PROBE_DIRECTORY"] ?? NSTemporaryDirectory()
        migration.status.exportDirectory = directory
        if !arguments.contains("--still") { migration.clock = { Date().timeIntervalSince1970 } }
        let themes = ProcessInfo.processInfo.environment["PROBE_THEMES"].map { [$0] } ?? []
        _ = try runConsole(
            control: FakeMigrationControl(migration),
            options: ConsoleOptions(
                themeName: ProcessInfo.processInfo.environment["PROBE_THEME"], themeDirectories: themes,
                stateDirectory: directory + "/state", operatorName: "tester@here console",
                readOnly: arguments.contains("--read-only"),
                comeBackCommand: "switchback --export-dir \(directory)"))
    }

    private static func runCanvas(_ name: String) throws {
        let variables = ProcessInfo.processInfo.environment
        let themes = ThemeSearch(directories: variables["PROBE_THEMES"].map { [$0] } ?? [])
        var probe = try CanvasProbe(
            name, theme: themes.theme(named: variables["PROBE_THEME"]).theme,
            stateDirectory: variables["PROBE_DIRECTORY"] ?? NSTemporaryDirectory())
        try probe.run()
    }

    private static func scene(_ name: String) -> FakeMigration {
        let now = Date().timeIntervalSince1970
        switch name {
        case "streaming":
            var migration = FakeMigration.streaming(now: now)
            migration.startWorker(nil, nil)
            return migration
        case "streaming-wide":
            // As many tables as a large database has.
            var migration = FakeMigration.streaming(now: now)
            let one = migration.status.tables[0]
            migration.status.tables = (0..<5000).map { number in
                var table = one
                table.name = QualifiedName(schema: "public", name: Identifier("table_\(number)"))
                return table
            }
            migration.startWorker(nil, nil)
            return migration
        case "fallback":
            var migration = FakeMigration.fallBack(now: now)
            migration.startWorker(nil, nil)
            return migration
        case "dying":
            var migration = FakeMigration.streaming(now: now)
            migration.startWorker(nil, nil)
            migration.stepsToLive = 4
            return migration
        case "gone": return FakeMigration.streaming(now: now)
        case "hopeless":
            var migration = FakeMigration.streaming(now: now)
            migration.startFailure = "the disk is full"
            return migration
        default: return FakeMigration(now: now)
        }
    }
}
