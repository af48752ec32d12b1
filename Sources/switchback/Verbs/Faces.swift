import Console
import Engine
import Foundation

/// The one place where the console and the demo are set up.
enum Faces {
    static func consoleOptions(
        theme: String?, directory: String, readOnly: Bool = false, sourcePassword: String?, targetPassword: String?
    ) -> ConsoleOptions {
        ConsoleOptions(
            themeName: theme, themeDirectories: themeDirectories(), sourcePassword: sourcePassword,
            targetPassword: targetPassword, operatorName: operatorIdentity(face: "console"), readOnly: readOnly,
            comeBackCommand: "switchback --export-dir \(shellWord(directory))")
    }

    static func demo(_ flags: OpenDemo) async throws {
        throw VerbFailure("the demo is not part of this build yet")
    }

    /// The operator's own themes, then the installed ones, then those of a build tree.
    private static func themeDirectories() -> [String] {
        let environment = ProcessInfo.processInfo.environment
        let configuration = environment["XDG_CONFIG_HOME"] ?? NSHomeDirectory() + "/.config"
        var directories = [configuration + "/switchback/themes"]
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
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
