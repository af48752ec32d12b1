import Foundation

/// The built `switchback`, for tests that run it as a user does.
package enum BuiltProgram {
    /// `SWITCHBACK_PROGRAM` where it is set (a release build, say), else the one beside the test bundle.
    package static func path() throws -> String {
        if let given = ProcessInfo.processInfo.environment["SWITCHBACK_PROGRAM"] { return given }
        for candidate in [CommandLine.arguments[0], Bundle.main.executablePath ?? "", Bundle.main.bundlePath]
        {
            var folder = URL(fileURLWithPath: candidate)
            while folder.path != "/" {
                folder.deleteLastPathComponent()
                let program = folder.appendingPathComponent("switchback")
                let isDirectory = try? program.resourceValues(forKeys: [.isDirectoryKey]).isDirectory
                if isDirectory == false, FileManager.default.isExecutableFile(atPath: program.path) {
                    return program.path
                }
            }
        }
        throw CocoaError(.fileNoSuchFile)
    }
}
