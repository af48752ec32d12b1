import Demo
import Foundation
import Postgres
import Records
import Support

/// The two servers that all runs in this process share.
enum SimulatedServers {
    private static let pair = Result {
        () throws -> (SimulatedServer, SimulatedServer) in
        (try SimulatedServer("source"), try SimulatedServer("target"))
    }

    static func server(_ side: Side) throws -> SimulatedServer {
        let (source, target) = try pair.get()
        return side == .source ? source : target
    }
}

/// A temporary server whose processes can all be killed at once, as by a power loss.
final class SimulatedServer: Sendable {
    let cluster: ThrowAwayCluster

    init(_ name: String) throws {
        cluster = try ThrowAwayCluster(
            named: "simulation-\(name)",
            options: .init(
                trust: true,
                settings: [
                    "deadlock_timeout": "50ms", "max_wal_senders": "30", "max_replication_slots": "30",
                    "checkpoint_timeout": "30s", "shared_buffers": "32MB",
                ]))
    }

    /// Sends `kill -9` to the postmaster and all of its processes.
    func kill() throws {
        let file = cluster.dataDirectory + "/postmaster.pid"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        guard let postmaster = text.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw SimulationFailure("\(file) names no process")
        }
        // A server that has just started still forks during the listing; orphans end by themselves.
        let processes = [postmaster] + ProcessTable.children(of: postmaster)
        for process in processes { Glibc.kill(process, SIGKILL) }
        for _ in 0..<1000 {
            if !processes.contains(where: ProcessTable.isRunning) { return }
            usleep(2000)
        }
        throw SimulationFailure("the server at \(cluster.port) does not die")
    }

    /// Starts it after a `kill`. Orphans may keep its shared memory for a moment, so the start is repeated.
    func start() throws {
        let attemptsMax = 20
        for attempt in 1...attemptsMax {
            do { return try cluster.start() } catch {
                guard attempt < attemptsMax else { throw error }
                usleep(100_000)
            }
        }
    }
}

/// The processes in `/proc`.
enum ProcessTable {
    static func children(of parent: Int32) -> [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.filter { facts($0)?.parent == parent }
    }

    /// Whether the process runs; a zombie does not.
    static func isRunning(_ process: Int32) -> Bool {
        guard let state = facts(process)?.state else { return false }
        return state != "Z" && state != "X"
    }

    /// Returns fields 3 and 4 of `/proc/pid/stat`; field 2, a name in brackets, may contain anything.
    private static func facts(_ process: Int32) -> (state: String, parent: Int32)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        guard fields.count > 1, let parent = Int32(fields[1]) else { return nil }
        return (String(fields[0]), parent)
    }
}

/// A run that could not continue or had a wrong result.
struct SimulationFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The server can never decode its own WAL: this happens with PostgreSQL 15 if a table was truncated while
/// the slot was created. Capture stops and reports it, so the run ends here.
struct ServerCannotDecode: Error {
    let message: String
}
