import Foundation

/// The built program as a process, for tests of exit codes, streams and arguments.
struct SwitchbackProcess {
    let exitCode: Int32
    let output: String
    let errors: String

    /// Runs a command line to its end, with a closed input.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let (process, output, errors) = try Self.start(arguments, environment: environment)
        self.output = try Self.text(output)
        self.errors = try Self.text(errors)
        process.waitUntilExit()
        exitCode = process.terminationStatus
    }

    static func start(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (Process, output: Pipe, errors: Pipe) {
        let process = Process()
        process.executableURL = try executable()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (process, output, errors)
    }

    static func text(_ pipe: Pipe) throws -> String {
        String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    /// The path of the program, beside the test bundle in the folder of the build.
    private static func executable() throws -> URL {
        let candidates = [CommandLine.arguments[0], Bundle.main.executablePath ?? "", Bundle.main.bundlePath]
        for candidate in candidates {
            var folder = URL(fileURLWithPath: candidate)
            while folder.path != "/" {
                folder.deleteLastPathComponent()
                let program = folder.appendingPathComponent("switchback")
                if FileManager.default.isExecutableFile(atPath: program.path), !isDirectory(program) {
                    return program
                }
            }
        }
        throw CocoaError(.fileNoSuchFile)
    }

    private static func isDirectory(_ url: URL) -> Bool {
        // An unknown type counts as a file.
        (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) ?? false
    }
}

/// A directory for one test, removed by `deinit`.
final class ScratchDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "switchback-verbs-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A rest in the temporary directory does no harm.
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
        return path + "/" + name
    }
}
