import Demo
import Engine
import Foundation
import Postgres
import Records
import Support
import Synchronization
import Testing

/// The two servers of the suite, created at first use; they are removed when this process ends, however it
/// ends.
private enum Servers {
    static let pair = Result {
        () throws -> (source: ThrowAwayCluster, target: ThrowAwayCluster) in
        let options = ThrowAwayCluster.Options(
            trust: true,
            settings: [
                "shared_buffers": "256MB", "max_wal_size": "4GB",
                // A transaction over thousands of tables needs a lock for each, and one for each of their
                // indexes.
                "max_locks_per_transaction": "256",
            ])
        return (
            try ThrowAwayCluster(named: "large-source", options: options),
            try ThrowAwayCluster(named: "large-target", options: options)
        )
    }
}

/// A migration between two new databases, run by the built program's two verbs.
final class LargeSite {
    let name = "large_" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
    let directory: String
    private let source: ThrowAwayCluster
    private let target: ThrowAwayCluster
    private var export: SpawnedProgram?
    private var `import`: SpawnedProgram?
    private var markers = 0

    init(_ tables: String) throws {
        (source, target) = try Servers.pair.get()
        directory = NSTemporaryDirectory() + "switchback-large-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for side in Side.allCases {
            try PostgresConnection(cluster(side).access(), applicationName: "test").execute(
                "create database \(name)")
            try sql(side, "create table marker (n int primary key)")
            try sql(side, tables)
        }
    }

    private func cluster(_ side: Side) -> ThrowAwayCluster { side == .source ? source : target }

    func access(_ side: Side) -> DatabaseAccess { cluster(side).access(database: name) }

    @discardableResult
    func sql(_ side: Side, _ text: String) throws -> ResultSet {
        try PostgresConnection(access(side), applicationName: "test", settings: nil).execute(text)
    }

    /// Runs many statements, a few hundred in each transaction: each takes locks, and a server's lock table
    /// is limited.
    func inBatches(_ side: Side, _ statements: [String]) throws {
        for first in stride(from: 0, to: statements.count, by: 200) {
            try sql(
                side, statements[first..<min(first + 200, statements.count)].joined(separator: ";"))
        }
    }

    func startExport() async throws {
        export = try start(
            ["export", "data", "from", "source"],
            form("source", source) + [
                "--source-db-type", "postgresql", "--export-type", "snapshot-and-changes",
            ])
        let journal = directory + "/metainfo/meta.db"
        try await eventually("the migration begins: \(said)") {
            FileManager.default.fileExists(atPath: journal) && (try? status()) != nil
        }
    }

    func startImport() throws {
        `import` = try start(["import", "data", "to", "target"], form("target", target))
    }

    func goLive() async throws {
        try await startExport()
        try startImport()
        try await awaitStatus("both roles stream") {
            $0.phase == .streaming && $0.capture?.state.word == .streaming
                && $0.apply?.state.word == .streaming
        }
    }

    private func form(_ side: String, _ cluster: ThrowAwayCluster) -> [String] {
        [
            "--\(side)-db-host", cluster.address, "--\(side)-db-port", "\(cluster.port)",
            "--\(side)-db-user", "postgres", "--\(side)-db-name", name, "--\(side)-db-schema", "public",
        ]
    }

    private func start(_ verb: [String], _ flags: [String]) throws -> SpawnedProgram {
        try SpawnedProgram(
            [LargeSizes.program] + verb + ["--export-dir", directory] + flags, in: directory,
            output: directory + "/\(verb[0]).out",
            environment: ProcessInfo.processInfo.environment.merging(
                ["SOURCE_DB_PASSWORD": source.password, "TARGET_DB_PASSWORD": target.password]) { $1 })
    }

    /// Stops both processes.
    func stop() async throws {
        for program in [export, `import`].compactMap({ $0 }) {
            program.signal(SIGTERM)
            try await eventually("the end of process \(program.processID)") { program.statusIfEnded() != nil }
        }
        (export, `import`) = (nil, nil)
    }

    func status() throws -> MigrationStatus { try Migration(existing: directory).status() }

    func awaitStatus(_ what: String, _ condition: (MigrationStatus) throws -> Bool) async throws {
        do {
            try await eventually(what, within: LargeSizes.waitSeconds) {
                try expectRunning()
                return try condition(try status())
            }
        } catch { throw Trouble(description: "\(error); \(said)") }
    }

    /// Waits until everything that was committed on the source is on the target.
    func awaitApplied() async throws {
        markers += 1
        let number = markers
        try sql(.source, "insert into marker values (\(number))")
        do {
            try await eventually("marker \(number)", within: LargeSizes.waitSeconds) {
                try expectRunning()
                return try !sql(.target, "select from marker where n = \(number)").rows.isEmpty
            }
        } catch { throw Trouble(description: "\(error); \(said)") }
    }

    /// Returns the differences between the two sides.
    func differences() throws -> [String] {
        try compareDatabases(source: access(.source), target: access(.target), schemas: ["public"]).tables
            .compactMap(\.difference)
    }

    /// The highest memory of either process, in bytes.
    func peaks() throws -> (capture: Int, apply: Int) {
        (
            try #require(export.flatMap { peakBytes(of: $0.processID) }),
            try #require(`import`.flatMap { peakBytes(of: $0.processID) })
        )
    }

    /// Fails if a role used more memory than `bound`; prints what it used in any case.
    func expectPeaks(
        below bound: Int = peakBytesMax, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (capture, apply) = try peaks()
        print("\(what): capture \(capture >> 20) MB, apply \(apply >> 20) MB, bound \(bound >> 20) MB")
        #expect(capture <= bound, "capture took \(capture >> 20) MB", sourceLocation: sourceLocation)
        #expect(apply <= bound, "apply took \(apply >> 20) MB", sourceLocation: sourceLocation)
    }

    private func expectRunning() throws {
        for program in [export, `import`].compactMap({ $0 })
        where !isRunning(program.processID) {
            throw Trouble(description: "process \(program.processID) has ended")
        }
    }

    private var said: String {
        ["export", "import"].map { verb in
            let text = FileManager.default.contents(atPath: directory + "/\(verb).out") ?? Data()
            return "\(verb): " + String(decoding: text, as: UTF8.self).suffix(600)
        }.joined(separator: "\n")
    }

    struct Trouble: Error, CustomStringConvertible { let description: String }

    /// Ends both processes and removes everything that they and the tests created.
    func close() async {
        for program in [export, `import`].compactMap({ $0 }) {
            program.signal(SIGKILL)
            _ = program.wait()
        }
        for side in Side.allCases {
            do {
                let server = try PostgresConnection(cluster(side).access(), applicationName: "test")
                try await eventually("the slots let go") {
                    try server.query(
                        "select from pg_replication_slots where database = $1 and active", [name]
                    ).rows.isEmpty
                }
                try server.query(
                    "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database "
                        + "= $1",
                    [name])
                try server.execute("drop database \(name) with (force)")
            } catch { print("a database of a test stays: \(error)") }
        }
        // A rest in the temporary directory does no harm.
        try? FileManager.default.removeItem(atPath: directory)
    }
}

/// Runs a body with a site and removes the site afterwards, however the body ends.
func withLargeSite(_ tables: String, _ body: (LargeSite) async throws -> Void) async throws {
    let site = try LargeSite(tables)
    do { try await body(site) } catch {
        await site.close()
        throw error
    }
    await site.close()
}

/// Returns `VmHWM` of a process (man 5 proc), nil if it is gone.
private func peakBytes(of processID: Int32) -> Int? {
    let status = String(
        decoding: FileManager.default.contents(atPath: "/proc/\(processID)/status") ?? Data(), as: UTF8.self)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.split(separator: " ")[1]) }.map { $0 << 10 }
}

/// Returns whether a process runs.
private func isRunning(_ processID: Int32) -> Bool {
    let line = String(
        decoding: FileManager.default.contents(atPath: "/proc/\(processID)/stat") ?? Data(), as: UTF8.self)
    guard let name = line.lastIndex(of: ")") else { return false }
    return line[line.index(after: name)...].split(separator: " ").first != "Z"
}
