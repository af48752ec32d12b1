import Demo
import Foundation
import Synchronization

/// Where a run lives: its directory, the program under measurement, and the processes to be ended with it.
///
/// Nothing outlives this process: the servers have their own guard, and the migration's processes are ended by a shell
/// that waits for our end, also after a kill -9.
final class BenchSite: Sendable {
    let directory: String
    /// The path of the built `switchback`.
    let program: String
    /// How many channels the program applies by.
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
            // One that has ended and stays in the list only costs the shell a failed kill.
            try? write($0)
        }
    }

    private func write(_ ids: Set<Int32>) throws {
        try ids.map(String.init).joined(separator: "\n").write(
            toFile: directory + "/processes", atomically: true, encoding: .utf8)
    }

    func remove() {
        for processID in processIDs.withLock({ $0 }) { _ = kill(processID, SIGKILL) }
        // A leftover in the temporary directory harms nobody.
        try? FileManager.default.removeItem(atPath: directory)
        watchdog.disarm()
    }
}
