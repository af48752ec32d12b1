import Console
import Demo
import Engine
import Foundation

/// The one place where the console and the demo are set up.
enum ConsoleAndDemo {
    static func consoleOptions(
        theme: String?, directory: String, readOnly: Bool = false, sourcePassword: String?,
        targetPassword: String?
    ) -> ConsoleOptions {
        ConsoleOptions(
            themeName: theme, themeDirectories: themeDirectories(), sourcePassword: sourcePassword,
            targetPassword: targetPassword, operatorName: operatorIdentity(program: "console"),
            readOnly: readOnly,
            comeBackCommand: "switchback --export-dir \(shellWord(directory))")
    }

    /// Runs the demo; its exit code is the process's.
    static func demo(_ flags: OpenDemo) async throws {
        var seed: UInt64?
        if let text = ProcessInfo.processInfo.environment["SWITCHBACK_SEED"] {
            guard let number = UInt64(text) else { throw VerbFailure("SWITCHBACK_SEED=\(text) is no number") }
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
            try await FirstThread.shared.run { try runConsole(control: control, options: options) }
        }
        // What there is to say has been said.
        if status != 0 { Foundation.exit(status) }
    }

    /// The operator's own themes, then the installed ones, then those of a build tree.
    private static func themeDirectories() -> [String] {
        let environment = ProcessInfo.processInfo.environment
        let configuration = environment["XDG_CONFIG_HOME"] ?? NSHomeDirectory() + "/.config"
        var directories = [configuration + "/switchback/themes"]
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        directories.append(folder.deletingLastPathComponent().path + "/share/switchback/themes")
        // .build/<triple>/<configuration>/switchback
        for _ in 0..<4 {
            directories.append(folder.path + "/themes")
            folder.deleteLastPathComponent()
        }
        return directories
    }

    /// A path as a shell takes it back.
    static func shellWord(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "/._-+@%:,".contains($0) }
        return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
