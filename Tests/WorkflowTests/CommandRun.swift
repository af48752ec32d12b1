import Demo
import Foundation
import Support
import Synchronization
import Testing

/// A command line as a shell runs it, with `switchback` in its path, a closed input, and its streams kept in files.
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

    /// Nil while it runs; 128 and the signal's number where a signal ended it.
    var exitCode: Int32? {
        ended.withLock { code in
            if code == nil { code = program.statusIfEnded() }
            return code
        }
    }

    /// Waits for its end by itself.
    @discardableResult
    func end(within seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Int32
    {
        try await eventually("the end of: \(line)\n\(output)\n\(errors)", within: seconds, sourceLocation) {
            self.exitCode != nil
        }
        return exitCode ?? -1
    }

    /// `kill -9`, and the wait for it.
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

/// What was waited for did not come.
struct WaitedTooLong: Error, CustomStringConvertible {
    let description: String
}

/// Looks again and again until the condition holds; fails where it does not within the time.
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
