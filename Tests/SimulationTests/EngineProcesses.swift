import Demo
import Foundation
import Glibc
import Support

/// The program at work on one migration: as the worker, or as the two verbs that share the roles, each a process.
final class EngineProcesses {
    private var commands: [String: [String]] = [:]
    private var running: [String: SpawnedProgram] = [:]
    private let directory: String
    private let trace: Trace
    /// Ends what still runs, and takes its files away, where the tests are killed.
    private let watchdog: Watchdog

    private static let cleaning = """
        for file in .apply.lock .capture.lock; do
            pid=$(head -n 1 "$1/$file" 2>/dev/null); [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
        done
        rm -rf "$1" "$1-archive"
        """

    init(directory: String, trace: Trace) throws {
        self.directory = directory
        self.trace = trace
        watchdog = try Watchdog(script: Self.cleaning, arguments: [directory])
    }

    /// What runs under a name from now on, once it is started.
    func set(_ name: String, _ arguments: [String]) {
        commands[name] = [Program.path] + arguments + ["--export-dir", directory]
    }

    var names: [String] { commands.keys.sorted() }

    func output(_ name: String) -> String { directory + "/logs/\(name).out" }

    /// Starts what does not run.
    func start() throws {
        for name in names where running[name] == nil {
            let process = try SpawnedProgram(commands[name]!, in: directory, output: output(name))
            running[name] = process
            trace.note("\(name) started, process \(process.processID)")
        }
    }

    /// Sends a signal and, where that ends it, waits for the end of each that is named.
    func end(_ names: [String], _ signal: Int32 = SIGKILL) {
        for name in names {
            guard let process = running.removeValue(forKey: name) else { continue }
            process.signal(signal)
            let status = process.wait()
            trace.note("\(name) ended by signal \(signal), status \(status)")
        }
    }

    func freeze(_ name: String) { running[name]?.signal(SIGSTOP) }
    func thaw(_ name: String) { running[name]?.signal(SIGCONT) }

    /// What has ended by itself since it was asked last.
    func ended() -> [(name: String, status: Int32)] {
        names.compactMap { name in
            guard let status = running[name]?.statusIfEnded() else { return nil }
            running[name] = nil
            return (name, status)
        }
    }
}
