import Demo
import Foundation
import Postgres

/// A database of a temporary server, used by short sessions like an application's.
struct Database: Sendable {
    let cluster: ThrowAwayCluster
    let name: String

    func session() throws -> PostgresConnection {
        try PostgresConnection(
            cluster.access(database: name), applicationName: "switchback bench", settings: nil)
    }

    /// Runs one or more SQL statements; blocks until the server has finished.
    func run(_ sql: String) throws { try session().execute(sql, doing: "prepare a workload") }

    func value(_ sql: String) throws -> String? { try session().query(sql).scalar }

    /// The connection string for libpq's programs and for a subscription.
    var connectionString: String {
        "host=\(cluster.host) port=\(cluster.port) user=postgres dbname=\(name)"
    }

    /// Runs a program of the server's package, with this database as its last argument.
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

/// Returns the last lines of a file, for a message.
func tail(of path: String) -> String {
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").suffix(5).joined(separator: " | ")
}

/// The reason why a measurement ended without a result.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Waits for a condition, checked every `pollMicroseconds`.
func wait(
    for what: String, seconds: Double, pollMicroseconds: UInt32 = 10_000, _ condition: () throws -> Bool
) throws {
    let until = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < until else {
            throw BenchError("waited \(Int(seconds)) s for \(what) without success")
        }
        usleep(pollMicroseconds)
    }
}

func secondsSince(_ start: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - start) / .seconds(1)
}
