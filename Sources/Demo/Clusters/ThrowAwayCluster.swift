import Foundation
import Postgres
import Synchronization

/// A temporary PostgreSQL server: on loopback only, with a random password.
///
/// It runs after `init`. `remove()` stops it and deletes its directory, as does `deinit`. If this process
/// dies without either, a watchdog does it. Every call blocks; any thread may call them.
package final class ThrowAwayCluster: Sendable {
    /// The settings of a cluster.
    package struct Options: Sendable {
        /// Whether every user on loopback may connect without a password.
        package var trust: Bool
        /// Whether a commit waits for the disk; a temporary server seldom needs it.
        package var fsync: Bool
        /// Further lines of `postgresql.conf`.
        package var settings: [String: String]
        /// Settings that are written only if the server has a parameter of that name: a later minor version
        /// may add one.
        package var settingsWhereKnown: [String: String]
        /// A loopback address, one of 127.0.0.0/8.
        package var address: String
        /// Nil for a port that is free.
        package var port: Int?
        /// Whether connections use its Unix socket and not TCP.
        package var bySocket: Bool
        /// The server's version; nil for the first one found.
        package var major: Int?

        package init(
            trust: Bool = false, fsync: Bool = false, settings: [String: String] = [:],
            settingsWhereKnown: [String: String] = [:], address: String = "127.0.0.1", port: Int? = nil,
            bySocket: Bool = false, major: Int? = nil
        ) {
            self.trust = trust
            self.fsync = fsync
            self.settings = settings
            self.settingsWhereKnown = settingsWhereKnown
            self.address = address
            self.port = port
            self.bySocket = bySocket
            self.major = major
        }
    }

    /// The values of `pg_ctl --mode`.
    package enum StopMode: String, Sendable {
        case smart
        case fast
        case immediate
    }

    private struct State {
        var isRunning = false
        var isRemoved = false
        var isKept = false
    }

    private static let startAttempts = 10

    package let directory: String
    package let address: String
    package let port: Int
    /// The host for libpq: the address, or the socket's directory.
    package let host: String
    /// The password of the superuser, `postgres`.
    package let password: String
    private let programs: ServerPrograms
    private let watchdog: Watchdog
    private let state = Mutex(State())

    package var dataDirectory: String { directory + "/data" }
    package var logFile: String { directory + "/server.log" }

    /// Creates a directory in `parent` (or in the directory for temporary files) and a cluster in it, and
    /// starts its server. If any of it fails, nothing remains.
    package init(named name: String = "cluster", in parent: String? = nil, options: Options = Options())
        throws
    {
        programs = try ServerPrograms(major: options.major)
        directory = try makeScratchDirectory(prefix: "sb-\(name)-", in: parent, programs: programs)
        password = UUID().uuidString
        address = options.address
        host = options.bySocket ? directory : options.address
        do {
            watchdog = try Watchdog(script: Self.cleaning, arguments: [directory])
            try programs.giveToServer(directory)
            try Self.initialise(
                directory: directory, password: password, options: options, programs: programs)
            port = try Self.startOnFreePort(directory: directory, options: options, programs: programs)
        } catch {
            Self.delete(directory)
            throw error
        }
        state.withLock { $0.isRunning = true }
    }

    deinit {
        if !state.withLock({ $0.isKept }) { remove() }
    }

    /// Returns the access to a database of this server.
    package func access(database: String = "postgres", user: String = "postgres", password: String? = nil)
        -> DatabaseAccess
    {
        DatabaseAccess(
            parameters: ConnectionParameters(host: host, port: port, database: database, user: user),
            password: password ?? (user == "postgres" ? self.password : nil))
    }

    package func start() throws {
        try Self.control(["start", "-w", "-t", "60", "-l", logFile], directory, programs)
        state.withLock { $0.isRunning = true }
    }

    package func stop(_ mode: StopMode = .fast) throws {
        try Self.control(["stop", "-w", "-t", "60", "-m", mode.rawValue], directory, programs)
        state.withLock { $0.isRunning = false }
    }

    package func restart(_ mode: StopMode = .fast) throws {
        try stop(mode)
        try start()
    }

    /// Stops the server at once and deletes its directory. A second call does nothing.
    package func remove() {
        let (first, running) = state.withLock { state in
            defer { (state.isRemoved, state.isRunning) = (true, false) }
            return (!state.isRemoved, state.isRunning)
        }
        guard first else { return }
        if running {
            // The server may have stopped by itself.
            try? Self.control(["stop", "-w", "-t", "30", "-m", "immediate"], directory, programs)
        }
        Self.delete(directory)
        watchdog.disarm()
    }

    /// Keeps the server running when this process ends.
    package func keep() {
        state.withLock { $0.isKept = true }
        watchdog.disarm()
    }

    // MARK: Creating a cluster

    /// The watchdog's script: stops the server at once and deletes `$1`. It finds the server by the
    /// postmaster's pid file.
    private static let cleaning = """
        pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
        [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null
        n=0
        while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
        rm -rf "$1"
        """

    private static func initialise(
        directory: String, password: String, options: Options, programs: ServerPrograms
    ) throws {
        let passwordFile = directory + "/superuser"
        guard
            FileManager.default.createFile(
                atPath: passwordFile, contents: Data((password + "\n").utf8),
                attributes: [.posixPermissions: 0o600])
        else { throw DemoError.directoryUnusable(directory, reason: "no file can be created in it") }
        // The file is in the cluster's directory, which is removed with the cluster.
        defer { try? FileManager.default.removeItem(atPath: passwordFile) }
        try programs.giveToServer(passwordFile)
        let method = options.trust ? "trust" : "scram-sha-256"
        try runCommand(
            programs.command(
                "initdb",
                [
                    "--pgdata", directory + "/data", "--username", "postgres", "--pwfile", passwordFile,
                    "--auth", method, "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions",
                ]), in: directory)
    }

    /// Starts the server. Another process may take the port between the check and the start; then another
    /// port is tried.
    private static func startOnFreePort(directory: String, options: Options, programs: ServerPrograms) throws
        -> Int
    {
        let logFile = directory + "/server.log"
        for attempt in 1...startAttempts {
            let port = options.port ?? freeLoopbackPort()
            try writeConfiguration(port: port, directory: directory, options: options, programs: programs)
            do {
                try control(["start", "-w", "-t", "60", "-l", logFile], directory, programs)
                return port
            } catch {
                // Without a log the start's own error is thrown.
                let log = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? ""
                guard options.port == nil, attempt < startAttempts, log.contains("Address already in use")
                else { throw error }
                try FileManager.default.removeItem(atPath: logFile)
            }
        }
        throw DemoError.directoryUnusable(directory, reason: "no port is free for its server")
    }

    private static func writeConfiguration(
        port: Int, directory: String, options: Options, programs: ServerPrograms
    ) throws {
        // A Unix socket's path has at most 107 bytes (man 7 unix). If the directory's path is too long, only
        // TCP is used.
        let socketDirectory = directory.utf8.count < 85 ? directory : ""
        var settings = [
            "listen_addresses": options.address, "port": String(port),
            "unix_socket_directories": socketDirectory,
            "wal_level": "logical", "max_wal_senders": "20", "max_replication_slots": "20",
            "fsync": options.fsync ? "on" : "off", "full_page_writes": options.fsync ? "on" : "off",
            "password_encryption": "scram-sha-256", "log_line_prefix": "%m [%p] %a ", "timezone": "UTC",
        ]
        settings.merge(options.settings) { _, given in given }
        if !options.settingsWhereKnown.isEmpty {
            let known = try programs.parameterNames()
            settings.merge(options.settingsWhereKnown.filter { known.contains($0.key) }) { _, given in given }
        }
        let lines = settings.sorted { $0.key < $1.key }.map { name, value in
            "\(name) = '\(value.replacing("'", with: "''"))'\n"
        }
        let path = directory + "/data/postgresql.conf"
        try lines.joined().write(toFile: path, atomically: false, encoding: .utf8)
        try programs.giveToServer(path)
    }

    private static func control(_ arguments: [String], _ directory: String, _ programs: ServerPrograms) throws
    {
        try runCommand(
            programs.command("pg_ctl", arguments + ["--silent", "--pgdata", directory + "/data"]),
            in: directory)
    }

    private static func delete(_ directory: String) {
        // A server that is stopping may still create a file between the listing and the removal.
        for _ in 0..<20 where FileManager.default.fileExists(atPath: directory) {
            try? FileManager.default.removeItem(atPath: directory)
        }
    }
}
