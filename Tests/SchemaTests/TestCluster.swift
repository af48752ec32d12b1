import Foundation
import Glibc
import Postgres
import Records
import Support

/// A throw-away PostgreSQL server on a loopback port, for one test.
final class TestCluster: Sendable {
    let directory: String
    let port: Int
    private let binaries: String

    private struct Failure: Error, CustomStringConvertible { let description: String }

    /// Makes and starts a server with a new data directory, which `stop` removes.
    static func start() throws -> TestCluster {
        let roots = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
        guard let newest = roots.max(by: { (Int($0) ?? 0) < (Int($1) ?? 0) }) else {
            throw Failure(description: "no PostgreSQL server is installed")
        }
        let directory = NSTemporaryDirectory() + "switchback-schema-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try handOver(directory)
        let binaries = "/usr/lib/postgresql/\(newest)/bin"
        do {
            try asServer(
                binaries + "/initdb",
                [
                    "-D", directory + "/data", "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8",
                    "--locale=C",
                ])
            // Another program may take the port before the server does. Then another port is tried.
            for _ in 0..<5 {
                let port = Int.random(in: 20000...29999)
                let server = try launch(
                    binaries + "/postgres",
                    [
                        "-D", directory + "/data", "-p", String(port), "-c", "listen_addresses=127.0.0.1",
                        "-c", "fsync=off", "-c", "unix_socket_directories=" + directory,
                    ])
                let cluster = TestCluster(directory: directory, port: port, binaries: binaries)
                while server.isRunning {
                    if cluster.answers { return cluster }
                    usleep(50_000)
                }
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

    private var answers: Bool {
        do {
            let connection = try PostgresConnection(access(database: "postgres"), applicationName: "test")
            return connection.serverVersion > 0
        } catch {
            return false
        }
    }

    private static func asServer(_ program: String, _ arguments: [String]) throws {
        let process = try launch(program, arguments)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program) ended with \(process.terminationStatus)")
        }
    }

    /// Starts a program as the server's user. A server refuses to run as root, so root starts it as the
    /// packages' own user. The server stays our child: Foundation waits for whoever inherits from it.
    private static func launch(_ program: String, _ arguments: [String]) throws -> Process {
        let isRoot = geteuid() == 0
        let process = Process()
        process.executableURL = URL(fileURLWithPath: isRoot ? "/usr/sbin/runuser" : program)
        process.arguments = isRoot ? ["-u", "postgres", "--", program] + arguments : arguments
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Gives the directory to the server's user if we are another one.
    private static func handOver(_ directory: String) throws {
        guard geteuid() == 0 else { return }
        let process = try Process.run(
            URL(fileURLWithPath: "/bin/chown"), arguments: ["postgres", directory], terminationHandler: nil)
        process.waitUntilExit()
    }
}
