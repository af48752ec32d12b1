import Foundation

/// A program run to its end, without a shell.
enum ChildProcess {
    struct Outcome: Sendable {
        let status: Int32
        /// What it wrote, on either stream.
        let output: String
    }

    /// Runs it with these variables over our own environment. Both streams share one pipe, which is read
    /// until it closes, so the program never waits for a reader.
    static func run(_ path: String, _ arguments: [String], environment: [String: String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
    }
}
