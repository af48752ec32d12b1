import Demo
import Foundation
import Postgres

/// One database of a throw-away server, by short sessions of an application's kind.
struct Database: Sendable {
    let cluster: ThrowAwayCluster
    let name: String

    func session() throws -> PostgresConnection {
        try PostgresConnection(
            cluster.access(database: name), applicationName: "switchback bench", settings: nil)
    }

    /// Runs SQL text, also several statements; blocks until the server is done.
    func run(_ sql: String) throws { try session().execute(sql, doing: "prepare a workload") }

    func value(_ sql: String) throws -> String? { try session().query(sql).scalar }

    /// What libpq's programs and a subscription take to get here.
    var connectionString: String {
        "host=\(cluster.host) port=\(cluster.port) user=postgres dbname=\(name)"
    }

    /// A program of the server's own package, with this database as its last argument.
    func program(_ name: String, _ arguments: [String]) throws {
        let output = cluster.directory + "/" + name + ".out"
        let command =
            [try ServerPrograms().directory + "/" + name, "-h", cluster.host, "-p", "\(cluster.port)"]
            + ["-U", "postgres"] + arguments + [self.name]
        let status = try SpawnedProgram(command, in: "/tmp", output: output).wait()
        guard status == 0 else {
            throw BenchError("\(command.joined(separator: " ")) ended with \(status): \(tail(of: output))")
        }
    }
}

/// The last lines of a file, for a message.
func tail(of path: String) -> String {
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").suffix(5).joined(separator: " | ")
}

/// Why a measurement ended without a result.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Waits for a condition, looking every `pollMicroseconds`.
func wait(
    for what: String, seconds: Double, pollMicroseconds: UInt32 = 10_000, _ condition: () throws -> Bool
) throws {
    let until = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < until else {
            throw BenchError("waited \(Int(seconds)) s in vain for \(what)")
        }
        usleep(pollMicroseconds)
    }
}

func secondsSince(_ start: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - start) / .seconds(1)
}
