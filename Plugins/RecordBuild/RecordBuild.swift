import Foundation
import PackagePlugin

/// Writes the commit and the compiler of a build into a source file of the program.
///
/// This is a build command with inputs, and not a prebuild command: SwiftPM runs those only when it plans a
/// build anew, and it keeps a plan as long as no file comes or goes. A commit alone would go unseen.
@main
struct RecordBuild: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let package = context.package.directoryURL
        let script = package.appending(path: "packaging/record-build")
        let record = context.pluginWorkDirectoryURL.appending(path: "BuildRecord.swift")
        let sources = context.package.targets.compactMap(\.sourceModule).flatMap(\.sourceFiles).map(\.url)
        let others = ["Package.swift", "packaging/commit.txt"].map { package.appending(path: $0) }
        return [
            .buildCommand(
                displayName: "Recording the commit and the compiler",
                executable: URL(fileURLWithPath: "/bin/sh"),
                arguments: [
                    script.path, package.path, record.path, try context.tool(named: "swiftc").url.path,
                ],
                inputFiles: sources + others + [script] + gitFiles(of: package),
                outputFiles: [record])
        ]
    }

    /// The files of git that change with a commit, a checkout or an amended commit; none where there is no
    /// git.
    private func gitFiles(of package: URL) -> [URL] {
        var folder = package.appending(path: ".git")
        // In a worktree it is a file that names the folder.
        if let text = try? String(contentsOf: folder, encoding: .utf8), text.hasPrefix("gitdir: ") {
            let path = text.dropFirst("gitdir: ".count).trimmingCharacters(in: .whitespacesAndNewlines)
            folder = URL(fileURLWithPath: path, relativeTo: package)
        }
        return ["HEAD", "logs/HEAD", "index"].map { folder.appending(path: $0) }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
    }
}
