import Engine
import Foundation
import Glibc
import Postgres

/// Everything that the demo sets up: its directory, two servers with a shop on one of them, and the export
/// directory.
final class DemoSite: Sendable {
    let directory: String
    let source: ThrowAwayCluster
    let target: ThrowAwayCluster
    let shop = Shop()
    private let watchdog: Watchdog
    private let directoryIsOurs: Bool

    var exportDirectory: String { directory + "/export-dir" }
    var sourceAccess: DatabaseAccess { source.access(database: Shop.database) }
    var targetAccess: DatabaseAccess { target.access(database: Shop.database) }

    /// Blocks until the servers run and the shop is loaded. If that fails, or `stop` asks for the end,
    /// nothing remains.
    init(_ options: DemoOptions, stop: StopSignal, say: (String) -> Void) throws {
        let programs = try ServerPrograms()
        let existed = options.directory.map { FileManager.default.fileExists(atPath: $0) } ?? false
        directoryIsOurs = !existed
        directory = try Self.makeDirectory(options.directory, programs: programs)
        var servers: [ThrowAwayCluster] = []
        do {
            watchdog = try Watchdog(
                script: Self.cleaning, arguments: [directory, existed ? "stays" : "goes"])
            try FileManager.default.createDirectory(
                atPath: directory + "/export-dir", withIntermediateDirectories: false)
            say("starting two PostgreSQL servers in \(directory)")
            let source = try ThrowAwayCluster(named: "source", in: directory)
            servers.append(source)
            if stop.isRequested { throw CancellationError() }
            let target = try ThrowAwayCluster(named: "target", in: directory)
            servers.append(target)
            try shop.prepare(source)
            try shop.prepare(target)
            if stop.isRequested { throw CancellationError() }
            say("loading the shop with about \(options.rows) rows")
            try shop.load(into: source, rows: options.rows)
            if stop.isRequested { throw CancellationError() }
            (self.source, self.target) = (source, target)
        } catch {
            // Before their directory: a server whose files are gone cannot be stopped.
            for server in servers { server.remove() }
            // The error that ended the set-up is more important than a file that stays.
            try? FileManager.default.removeItem(atPath: existed ? directory + "/export-dir" : directory)
            throw error
        }
    }

    var forms: DatabaseForms {
        DatabaseForms(source: Self.form(sourceAccess), target: Self.form(targetAccess), schemas: Shop.schemas)
    }

    func startApplication(_ options: DemoOptions) throws -> ApplicationProcess {
        try ApplicationProcess(
            directory: directory, rate: options.rate,
            plan: ApplicationPlan(
                source: shop.access(at: source).parameters, target: shop.access(at: target).parameters,
                exportDirectory: exportDirectory, seed: options.seed),
            password: shop.password, executable: options.executable)
    }

    func ledger() throws -> Ledger { try Ledger(path: ledgerPath(in: directory)) }

    /// Ends the worker and removes everything.
    func remove() {
        for process in lockHolders() { _ = kill(process, SIGTERM) }
        waitForLockHolders(seconds: 3)
        for process in lockHolders() { _ = kill(process, SIGKILL) }
        source.remove()
        target.remove()
        for name in [
            "export-dir", "ledger", "stop", "application.json", "application.log", "application.pid",
        ] {
            // A file that does not exist needs no removal.
            try? FileManager.default.removeItem(atPath: directory + "/" + name)
        }
        // The directory has no data; one that stays does no harm.
        if directoryIsOurs { try? FileManager.default.removeItem(atPath: directory) }
        watchdog.disarm()
    }

    /// Keeps everything running, with a password file for the operator; returns lines that say what to type.
    func keep() throws -> [String] {
        source.keep()
        target.keep()
        watchdog.disarm()
        let passwords = [(source, source.password), (target, target.password)].map { cluster, password in
            "127.0.0.1:\(cluster.port):*:postgres:\(password)\n"
                + "127.0.0.1:\(cluster.port):*:\(Shop.role):\(shop.password)\n"
        }
        let file = directory + "/pgpass"
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(passwords.joined().utf8), attributes: [.posixPermissions: 0o600])
        else { throw DemoError.directoryUnusable(directory, reason: "no file can be created in it") }
        return [
            "kept: \(directory)",
            "source: PGPASSFILE=\(file) psql -h 127.0.0.1 -p \(source.port) -U postgres \(Shop.database)",
            "target: PGPASSFILE=\(file) psql -h 127.0.0.1 -p \(target.port) -U postgres \(Shop.database)",
            "servers: postmaster \(processID(of: source)) and \(processID(of: target)); to end one: kill "
                + "-INT",
        ]
    }

    // MARK: Private

    /// The watchdog's script: ends the worker and the application and removes the directory. The servers have
    /// their own.
    private static let cleaning = """
        for file in .apply.lock .capture.lock; do
            pid=$(head -n 1 "$1/export-dir/$file" 2>/dev/null); [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
        done
        pid=$(head -n 1 "$1/application.pid" 2>/dev/null); [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
        sleep 1
        cd "$1" && rm -rf export-dir ledger stop application.json application.log application.pid \
        sb-source-* sb-target-*
        cd / && [ "$2" = goes ] && rm -rf "$1"
        """

    private static func makeDirectory(_ given: String?, programs: ServerPrograms) throws -> String {
        guard let given else {
            return try makeScratchDirectory(prefix: "switchback-demo-", programs: programs)
        }
        let path = URL(fileURLWithPath: given).standardizedFileURL.path
        if FileManager.default.fileExists(atPath: path + "/export-dir") {
            throw DemoError.directoryUnusable(
                path,
                reason: "it has the export directory of another run; remove it or name another directory")
        }
        if FileManager.default.fileExists(atPath: path) { return path }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        do { try openToServer(path, programs: programs) } catch {
            // The directory is empty; the error that is thrown is more important.
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
        return path
    }

    private static func form(_ access: DatabaseAccess) -> ConnectionForm {
        let parameters = access.parameters
        return ConnectionForm(
            host: parameters.host, port: parameters.port, database: parameters.database,
            user: parameters.user,
            sslMode: parameters.sslMode)
    }

    private func processID(of cluster: ThrowAwayCluster) -> String {
        // A server without this file is shown as unknown.
        let file = try? String(contentsOfFile: cluster.dataDirectory + "/postmaster.pid", encoding: .utf8)
        return file?.split(separator: "\n").first.map(String.init) ?? "unknown"
    }

    private func lockHolders() -> Set<pid_t> {
        Set([".apply.lock", ".capture.lock"].compactMap { readProcessID(exportDirectory + "/" + $0) }).filter
        {
            $0 != getpid() && isRunning($0)
        }
    }

    private func waitForLockHolders(seconds: Double) {
        let bound = ProcessInfo.processInfo.systemUptime + seconds
        while !lockHolders().isEmpty, ProcessInfo.processInfo.systemUptime < bound {
            Thread.sleep(forTimeInterval: 0.05)
        }
    }
}

/// Returns the process id in a lock file, nil if it has none.
func readProcessID(_ path: String) -> pid_t? {
    // A file that cannot be read names no process.
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)).flatMap { $0 > 1 ? $0 : nil }
}

/// Returns whether a process runs; a zombie does not.
func isRunning(_ process: pid_t) -> Bool {
    // A process without a file in /proc has ended.
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let name = status.lastIndex(of: ")")
    else { return false }
    return !status[name...].hasPrefix(") Z")
}
