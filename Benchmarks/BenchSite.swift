import Demo
import Foundation
import Synchronization

/// The environment of a run: its directory, the measured program, and the processes that end with the run.
///
/// No process remains after this one: the servers have their own watchdog, and a shell that waits for our
/// end, also after a kill -9, ends the migration's processes.
final class BenchSite: Sendable {
    let directory: String
    /// The path of the built `switchback`.
    let program: String
    /// The number of channels that apply.
    let channels: Int
    private let watchdog: Watchdog
    private let processIDs = Mutex<Set<Int32>>([])

    private static let cleaning = """
        for pid in $(cat "$1/processes" 2>/dev/null); do kill -9 "$pid" 2>/dev/null; done
        rm -rf "$1"
        """

    init(program: String, channels: Int) throws {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw BenchError("\(program) is not there; build it first (swift build -c release)")
        }
        self.program = program
        self.channels = channels
        directory = NSTemporaryDirectory() + "switchback-bench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        watchdog = try Watchdog(script: Self.cleaning, arguments: [directory])
    }

    func note(_ processID: Int32) throws {
        try processIDs.withLock {
            $0.insert(processID)
            try write($0)
        }
    }

    func forget(_ processID: Int32) {
        processIDs.withLock {
            $0.remove(processID)
            // A process that has ended stays in the list; the shell's kill of it fails without harm.
            try? write($0)
        }
    }

    private func write(_ ids: Set<Int32>) throws {
        try ids.map(String.init).joined(separator: "\n").write(
            toFile: directory + "/processes", atomically: true, encoding: .utf8)
    }

    func remove() {
        for processID in processIDs.withLock({ $0 }) { _ = kill(processID, SIGKILL) }
        // A rest in the temporary directory does no harm.
        try? FileManager.default.removeItem(atPath: directory)
        watchdog.disarm()
    }
}
