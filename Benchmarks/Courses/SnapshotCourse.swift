import Demo
import Engine
import Foundation
import Postgres
import Records

/// Measures the copying of a whole database with schema, rows and indexes into a new database each time: by
/// the program's worker, by `pgcopydb clone` if it is installed, and by `pg_dump` with one COPY from one
/// `psql` to another, which is the servers' limit on one connection.
struct SnapshotCourse {
    let site: BenchSite
    let servers: ServerPair
    let scale: Double
    let rounds: Int
    let say: (String) -> Void

    static let name = "snapshot"
    private static let jobs = 2
    private static let secondsMax = 900.0
    private static let largest = "pgbench_accounts"

    func run() throws -> SnapshotResult {
        let source = Database(cluster: servers.source, name: "bench_" + Self.name)
        let size = max(1, Int(50 * scale))
        try Database(cluster: servers.source, name: "postgres").run("create database \(source.name)")
        try source.program("pgbench", ["-i", "-q", "-s", "\(size)"])
        try source.run("alter table pgbench_history replica identity full")
        try source.run("vacuum analyze")
        let bytes = try source.value("select pg_database_size(current_database())").flatMap { Int($0) }
        var result = SnapshotResult(summary: "pgbench, scale \(size)", databaseBytes: bytes ?? 0)
        let hasPgcopydb = Self.path(of: "pgcopydb") != nil
        if !hasPgcopydb { result.notes.append("pgcopydb is not installed (apt-get install pgcopydb)") }
        for round in 0..<rounds {
            // In turns, so that none always runs after the same other one.
            for way in 0..<3 {
                let target = Database(cluster: servers.target, name: "\(source.name)_\(round)_\(way)")
                try Database(cluster: servers.target, name: "postgres").run("create database \(target.name)")
                try servers.settle()
                switch (way + round) % 3 {
                case 0: result.ours.append(try ours(source, target))
                case 1: result.limit.append(try byPipe(source, target))
                default: if hasPgcopydb { result.pgcopydb.append(try byPgcopydb(source, target)) }
                }
                try Database(cluster: servers.target, name: "postgres").run(
                    "drop database \(target.name) with (force)")
            }
        }
        try Database(cluster: servers.source, name: "postgres").run(
            "drop database \(source.name) with (force)")
        return result
    }

    /// Runs the worker as the console does: rows go directly from one database to the other.
    private func ours(_ source: Database, _ target: Database) throws -> Double {
        let directory = site.directory + "/export-" + target.name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let migration = try Migration(creating: directory)
        func form(_ database: Database) -> ConnectionForm {
            let place = database.cluster.access(database: database.name).parameters
            return ConnectionForm(
                host: place.host, port: place.port, database: place.database, user: place.user,
                sslMode: "disable")
        }
        try migration.keep(DatabaseForms(source: form(source), target: form(target), schemas: ["public"]))
        // Sound: nothing else in this process reads the environment at the same time.
        unsafe _ = setenv("SWITCHBACK_EXECUTABLE", site.program, 1)
        let start = ContinuousClock.now
        let worker = try migration.startWorker(
            sourcePassword: source.cluster.password, targetPassword: target.cluster.password)
        try site.note(worker)
        defer { site.forget(worker) }
        func ask(_ request: Request) throws {
            let id = try migration.leave(request, by: "bench")
            try wait(for: request.title, seconds: Self.secondsMax, pollMicroseconds: 5000) {
                guard let record = try migration.record(of: id) else { return false }
                switch record.state {
                case .waiting, .running: return false
                case .refused, .failed: throw BenchError("\(request.title): \(record.answer)")
                case .done: return true
                }
            }
        }
        try ask(.exportSchema(startClean: false))
        try ask(.importSchema(ImportSchemaOptions()))
        try ask(.startLiveMigration(jobs: Self.jobs))
        try wait(for: "the snapshot", seconds: Self.secondsMax) { try migration.status().phase == .streaming }
        try ask(.importSchema(ImportSchemaOptions(postSnapshotImport: true)))
        let taken = secondsSince(start)
        try expectEqual(source, target)
        try ask(
            .endMigration(
                EndOptions(
                    backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                    backupLogFiles: false, backupDirectory: nil)))
        try wait(for: "the worker to end", seconds: 30) { !migration.workerIsAlive() }
        say("snapshot: ours \(String(format: "%.2f s", taken))")
        return taken
    }

    private func byPgcopydb(_ source: Database, _ target: Database) throws -> Double {
        let jobs = "--table-jobs \(Self.jobs) --index-jobs \(Self.jobs)"
        return try byShell(
            "pgcopydb",
            "pgcopydb clone --source \"$S\" --target \"$T\" \(jobs) --dir \(site.directory)/\(target.name)",
            source,
            target)
    }

    private func byPipe(_ source: Database, _ target: Database) throws -> Double {
        let programs = try ServerPrograms().directory
        let dump = "\(programs)/pg_dump --dbname \"$S\" --exclude-table-data \(Self.largest)"
        return try byShell(
            "limit",
            """
            \(dump) --section pre-data --section data | \(programs)/psql -q -d "$T"
            \(programs)/psql -d "$S" -qc "copy \(Self.largest) to stdout" | \(programs)/psql -d "$T" -qc "copy \(Self.largest) from stdin"
            \(programs)/pg_dump --dbname "$S" --section post-data | \(programs)/psql -q -d "$T"
            """, source, target)
    }

    private func byShell(_ name: String, _ script: String, _ source: Database, _ target: Database) throws
        -> Double
    {
        var environment = ProcessInfo.processInfo.environment
        environment["S"] = source.connectionString
        environment["T"] = target.connectionString
        let output = site.directory + "/\(target.name).out"
        let start = ContinuousClock.now
        let program = try SpawnedProgram(
            ["bash", "-e", "-o", "pipefail", "-c", script], in: site.directory, output: output,
            environment: environment)
        try site.note(program.processID)
        let status = program.wait()
        let taken = secondsSince(start)
        site.forget(program.processID)
        guard status == 0 else { throw BenchError("\(name) ended with \(status): \(tail(of: output))") }
        try expectEqual(source, target)
        say("snapshot: \(name) \(String(format: "%.2f s", taken))")
        return taken
    }

    /// Throws if the copy is not complete.
    private func expectEqual(_ source: Database, _ target: Database) throws {
        let comparison = try compareDatabases(
            source: source.cluster.access(database: source.name),
            target: target.cluster.access(database: target.name), schemas: ["public"])
        let differences = comparison.tables.compactMap(\.difference)
        let keys =
            "select count(*) from pg_index i join pg_class c on c.oid = indrelid where relnamespace = "
            + "'public'::regnamespace"
        guard differences.isEmpty, try source.value(keys) == target.value(keys) else {
            throw BenchError("\(target.name): \(differences.joined(separator: "; ")), or an index is missing")
        }
    }

    private static func path(of program: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
