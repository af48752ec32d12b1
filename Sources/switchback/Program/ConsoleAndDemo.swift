import Console
import Demo
import Engine
import Foundation

/// The set-up of the console and of the demo.
enum ConsoleAndDemo {
    static func consoleOptions(
        theme: String?, directory: String?, readOnly: Bool = false, sourcePassword: String?,
        targetPassword: String?
    ) -> ConsoleOptions {
        let environment = ProcessInfo.processInfo.environment
        let own = ownFiles().read()
        return ConsoleOptions(
            themeName: ThemeSearch.name(
                flag: theme, environment: environment, settings: own.settings.theme),
            themeDirectories: themeDirectories(), own: own,
            workingDirectory: FileManager.default.currentDirectoryPath,
            stateDirectory: folder("XDG_STATE_HOME", or: ".local/state", environment) + "/switchback",
            sourcePassword: sourcePassword, targetPassword: targetPassword,
            operatorName: operatorIdentity(program: "console"), readOnly: readOnly,
            comeBackCommand: directory.map { "switchback --export-dir \(shellWord($0))" } ?? "switchback")
    }

    static func ownFiles() -> OwnFiles {
        OwnFiles(folder: configuration(ProcessInfo.processInfo.environment) + "/switchback")
    }

    /// Runs the demo; ends the process with its exit code if it failed.
    static func demo(_ flags: OpenDemo) async throws {
        var seed: UInt64?
        if let text = ProcessInfo.processInfo.environment["SWITCHBACK_SEED"] {
            guard let number = UInt64(text) else {
                throw VerbFailure("SWITCHBACK_SEED=\(text) is not a number")
            }
            seed = number
        }
        let options = DemoOptions(
            rate: Double(flags.rate), rows: flags.rows, seconds: Double(flags.seconds), directory: flags.dir,
            keep: flags.keep, chaos: flags.chaos, headless: flags.headless,
            executable: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            seed: seed)
        let theme = flags.theme
        let status = try await runDemo(options) { control, source, target in
            let options = consoleOptions(
                theme: theme, directory: try control.status().exportDirectory, sourcePassword: source,
                targetPassword: target)
            let outcome = try await FirstThread.shared.run {
                try runConsole(control: control, options: options)
            }
            if case .openMigration(let other) = outcome {
                throw VerbFailure(
                    "the demo shows its own migration; open the other with switchback -e \(other)")
            }
        }
        // The demo has printed the reason.
        if status != 0 { Foundation.exit(status) }
    }

    private static func themeDirectories() -> [String] {
        themeDirectories(
            configuration: configuration(ProcessInfo.processInfo.environment),
            programDirectory: URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
                .deletingLastPathComponent())
    }

    private static func configuration(_ environment: [String: String]) -> String {
        folder("XDG_CONFIG_HOME", or: ".config", environment)
    }

    /// Returns a folder of the XDG specification, which ignores a path that is not absolute.
    static func folder(_ variable: String, or below: String, _ environment: [String: String]) -> String {
        if let path = environment[variable], path.hasPrefix("/") { return path }
        return NSHomeDirectory() + "/" + below
    }

    /// The directories of themes: the operator's own, then the installed ones, then those of a build tree.
    static func themeDirectories(configuration: String, programDirectory: URL) -> [String] {
        var directories = [configuration + "/switchback/themes"]
        // packaging/install puts them there.
        directories.append(programDirectory.deletingLastPathComponent().path + "/share/switchback/themes")
        var folder = programDirectory
        // .build/<triple>/<configuration>/switchback
        for _ in 0..<4 {
            directories.append(folder.path + "/themes")
            folder.deleteLastPathComponent()
        }
        return directories
    }

    /// Returns a path quoted for a shell.
    static func shellWord(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "/._-+@%:,".contains($0) }
        return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
