import Demo
import Foundation
import Glibc
import Support

/// The program's processes in one migration: the worker, or the two verbs that share the roles.
final class EngineProcesses {
    private var commands: [String: [String]] = [:]
    private var running: [String: SpawnedProgram] = [:]
    private let directory: String
    private let trace: Trace
    /// The watchdog: ends the processes and removes their files if the tests are killed.
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

    /// Sets the command line of a name; the next start uses it.
    func set(_ name: String, _ arguments: [String]) {
        commands[name] = [Program.path] + arguments + ["--export-dir", directory]
    }

    var names: [String] { commands.keys.sorted() }

    func output(_ name: String) -> String { directory + "/logs/\(name).out" }

    /// Starts the processes that do not run.
    func start() throws {
        for name in names where running[name] == nil {
            let process = try SpawnedProgram(commands[name]!, in: directory, output: output(name))
            running[name] = process
            trace.note("\(name) started, process \(process.processID)")
        }
    }

    /// Sends a signal to the named processes and waits for their end if the signal ends them.
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

    /// Returns the processes that ended by themselves since the last call.
    func ended() -> [(name: String, status: Int32)] {
        names.compactMap { name in
            guard let status = running[name]?.statusIfEnded() else { return nil }
            running[name] = nil
            return (name, status)
        }
    }
}
