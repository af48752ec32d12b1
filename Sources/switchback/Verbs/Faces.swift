import Console
import Demo
import Engine
import Foundation

/// The one place where the console and the demo are called.
enum Faces {
    /// Opens the console and waits until the operator leaves it.
    static func console(_ flags: OpenConsole, directory: String) async throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw VerbFailure(
                "the console needs a terminal; for scripts there are the verbs: see `switchback --help`")
        }
        let migration = try Migration(creating: directory)
        let environment = ProcessInfo.processInfo.environment
        let (source, target) = (environment["SOURCE_DB_PASSWORD"], environment["TARGET_DB_PASSWORD"])
        let options = options(
            theme: flags.theme, readOnly: flags.readOnly, source: source, target: target,
            comeBack: "switchback --export-dir \(directory)")
        guard flags.embedded else { return try await open(migration, options) }
        let stop = StopSignal()
        let forms = try migration.databases()
        let engine = Task {
            try await runWorker(
                migration: migration,
                options: RunOptions(source: forms.source.access(password: source), target: forms.target.access(password: target)),
                stop: stop)
        }
        do {
            try await open(migration, options)
        } catch {
            stop.request()
            _ = await engine.result
            throw error
        }
        stop.request()
        try await engine.value
    }

    /// Runs the demo; its exit code is the process's.
    static func demo(_ flags: OpenDemo) async throws {
        var environmentSeed: UInt64?
        if let text = ProcessInfo.processInfo.environment["SWITCHBACK_SEED"] {
            guard let seed = UInt64(text) else { throw VerbFailure("SWITCHBACK_SEED=\(text) is no number") }
            environmentSeed = seed
        }
        let options = DemoOptions(
            rate: Double(flags.rate), rows: flags.rows, seconds: Double(flags.seconds), directory: flags.dir,
            keep: flags.keep, chaos: flags.chaos, headless: flags.headless,
            executable: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"), seed: environmentSeed)
        let theme = flags.theme
        let status = try await runDemo(options) { room, source, target in
            let options = Self.options(
                theme: theme, readOnly: false, source: source, target: target,
                comeBack: "switchback --export-dir \(try room.status().exportDirectory)")
            try await MainActor.run { try runConsole(room: room, options: options) }
        }
        guard status == 0 else { throw DemoExit(status: status) }
    }

    /// The demo's exit code where it is not 0; what it means was printed.
    struct DemoExit: Error { let status: Int32 }

    private static func open(_ migration: Migration, _ options: ConsoleOptions) async throws {
        try await MainActor.run { try runConsole(room: migration, options: options) }
    }

    private static func options(
        theme: String?, readOnly: Bool, source: String?, target: String?, comeBack: String
    ) -> ConsoleOptions {
        let environment = ProcessInfo.processInfo.environment
        return ConsoleOptions(
            themeName: theme ?? environment["SWITCHBACK_THEME"], themeDirectories: themeDirectories(environment),
            sourcePassword: source, targetPassword: target,
            operatorName: "\(NSUserName())@\(ProcessInfo.processInfo.hostName) console", readOnly: readOnly,
            comeBackCommand: comeBack)
    }

    /// The operator's own themes first, then those that came with the program: beside it, or in its checkout.
    private static func themeDirectories(_ environment: [String: String]) -> [String] {
        let home = environment["XDG_CONFIG_HOME"] ?? (environment["HOME"] ?? "") + "/.config"
        var directories = [home + "/switchback/themes"]
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let stepsUpMax = 4
        for _ in 0...stepsUpMax {
            directories += [folder.path + "/themes", folder.path + "/share/switchback/themes"]
            folder.deleteLastPathComponent()
        }
        return directories
    }
}
