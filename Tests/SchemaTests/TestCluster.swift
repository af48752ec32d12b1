import Foundation
import Glibc
import Postgres

/// A throw-away PostgreSQL server on a loopback port, for one test.
final class TestCluster: Sendable {
    let directory: String
    let port: Int
    private let binaries: String

    private struct Failure: Error, CustomStringConvertible { let description: String }

    /// Makes and starts a server; the data directory is new and nothing in it survives `stop`.
    static func start() throws -> TestCluster {
        let roots = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
        guard let newest = roots.max(by: { (Int($0) ?? 0) < (Int($1) ?? 0) }) else {
            throw Failure(description: "no PostgreSQL server is installed")
        }
        let directory = NSTemporaryDirectory() + "switchback-schema-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        if geteuid() == 0 { try run("/bin/chown", ["postgres", directory]) }
        let binaries = "/usr/lib/postgresql/\(newest)/bin"
        do {
            try asServer(
                binaries + "/initdb",
                [
                    "-D", directory + "/data", "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8",
                    "--locale=C",
                ])
            // The port may be somebody else's by the time the server asks for it: then another one.
            for attempt in 1... {
                let port = Int.random(in: 20000...29999)
                do {
                    let options =
                        "-p \(port) -c listen_addresses=127.0.0.1 -c fsync=off "
                        + "-c unix_socket_directories=\(directory)"
                    try asServer(
                        binaries + "/pg_ctl",
                        [
                            "-D", directory + "/data", "-l", directory + "/log", "-w", "-t", "60", "-o",
                            options, "start",
                        ])
                    return TestCluster(directory: directory, port: port, binaries: binaries)
                } catch  where attempt < 5 {}
            }
            throw Failure(description: "no port was free")
        } catch {
            try FileManager.default.removeItem(atPath: directory)
            throw error
        }
    }

    private init(directory: String, port: Int, binaries: String) {
        self.directory = directory
        self.port = port
        self.binaries = binaries
    }

    func access(database: String) -> DatabaseAccess {
        DatabaseAccess(
            parameters: ConnectionParameters(
                host: "127.0.0.1", port: port, database: database, user: "postgres", sslMode: "disable"),
            password: nil)
    }

    func stop() {
        do {
            try Self.asServer(
                binaries + "/pg_ctl", ["-D", directory + "/data", "-m", "immediate", "-w", "stop"])
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            print("the throw-away server in \(directory) did not go: \(error)")
        }
    }

    /// A server refuses to run as root, so root hands it to the packages' own user.
    private static func asServer(_ program: String, _ arguments: [String]) throws {
        if geteuid() == 0 {
            try run("/usr/sbin/runuser", ["-u", "postgres", "--", program] + arguments)
        } else {
            try run(program, arguments)
        }
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        // The server keeps what pg_ctl inherits, so a pipe here would never close.
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program) ended with \(process.terminationStatus)")
        }
    }
}
