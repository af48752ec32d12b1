import Foundation
import PackagePlugin

/// Writes the commit and the compiler of a build into a source file of the program, before each build.
@main
struct RecordBuild: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let package = context.package.directoryURL
        let output = context.pluginWorkDirectoryURL
        return [
            .prebuildCommand(
                displayName: "Recording the commit and the compiler",
                executable: URL(fileURLWithPath: "/bin/sh"),
                arguments: [
                    package.appending(path: "packaging/record-build").path, package.path,
                    output.appending(path: "BuildRecord.swift").path,
                    try context.tool(named: "swiftc").url.path,
                ],
                outputFilesDirectory: output)
        ]
    }
}
