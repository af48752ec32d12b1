import Demo
import Foundation
import Support
import Synchronization
import Testing

/// A command line run by a shell, with `switchback` in PATH, a closed input, and its output and errors in
/// files.
final class CommandRun: Sendable {
    let line: String
    private let program: SpawnedProgram
    private let outputPath: String
    private let errorsPath: String
    private let ended = Mutex<Int32?>(nil)

    init(_ line: String, in directory: String, environment: [String: String] = [:]) throws {
        self.line = line
        let name = directory + "/run-" + UUID().uuidString
        outputPath = name + ".out"
        errorsPath = name + ".err"
        var variables = ProcessInfo.processInfo.environment
        for name in ["SOURCE_DB_PASSWORD", "TARGET_DB_PASSWORD", "PGPASSWORD", "PGPASSFILE"] {
            variables[name] = nil
        }
        variables["PATH"] = Program.directory + ":" + (variables["PATH"] ?? "/usr/bin:/bin")
        variables.merge(environment) { $1 }
        program = try SpawnedProgram(
            ["bash", "-c", line], in: directory, output: outputPath, errors: errorsPath,
            environment: variables)
    }

    var processID: Int32 { program.processID }
    var output: String { Self.text(outputPath) }
    var errors: String { Self.text(errorsPath) }

    /// The exit code; nil while it runs, 128 plus the signal's number if a signal ended it.
    var exitCode: Int32? {
        ended.withLock { code in
            if code == nil { code = program.statusIfEnded() }
            return code
        }
    }

    /// Waits until it ends by itself.
    @discardableResult
    func end(within seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Int32
    {
        try await eventually("the end of: \(line)\n\(output)\n\(errors)", within: seconds, sourceLocation) {
            self.exitCode != nil
        }
        return exitCode ?? -1
    }

    /// Sends `kill -9` and waits for the end.
    func kill() {
        ended.withLock { code in
            guard code == nil else { return }
            program.signal(SIGKILL)
            code = program.wait()
        }
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

/// A wait that reached its bound.
struct WaitedTooLong: Error, CustomStringConvertible {
    let description: String
}

/// Polls until the condition is true; fails if it is not within the time.
func eventually(
    _ what: @autoclosure () -> String, within seconds: Double = 20,
    _ sourceLocation: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
) async throws {
    let until = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < until else {
            Issue.record("not within \(seconds) s: \(what())", sourceLocation: sourceLocation)
            throw WaitedTooLong(description: "not within \(seconds) s: \(what())")
        }
        try await Task.sleep(for: .milliseconds(30))
    }
}
