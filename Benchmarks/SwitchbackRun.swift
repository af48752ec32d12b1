import Demo
import Engine
import Foundation
import Glibc
import Records

/// A migration as a user runs it: an export directory, and the two verbs as processes of the built program.
final class SwitchbackRun {
    private let site: BenchSite
    private let source: Database
    private let target: Database
    let exportDirectory: String
    private(set) var capture: SpawnedProgram?
    private(set) var apply: SpawnedProgram?

    init(_ site: BenchSite, source: Database, target: Database) throws {
        self.site = site
        self.source = source
        self.target = target
        exportDirectory = site.directory + "/export-" + source.name
        try FileManager.default.createDirectory(atPath: exportDirectory, withIntermediateDirectories: true)
    }

    /// Starts the two verbs of a direction, one right after the other.
    func start(_ direction: Direction = .forward) throws {
        switch direction {
        case .forward:
            capture = try launch(
                "export data from source",
                [
                    "--source-db-type", "postgresql", "--source-db-host", source.cluster.host,
                    "--source-db-port", "\(source.cluster.port)", "--source-db-user", "postgres",
                    "--source-db-name", source.name, "--source-db-schema", "public",
                    "--export-type", "snapshot-and-changes",
                ])
            // The export creates the migration; the import needs it.
            try wait(for: "the export to begin", seconds: 20, pollMicroseconds: 2000) {
                FileManager.default.fileExists(atPath: exportDirectory + "/metainfo/meta.db")
                    && (try? status()) != nil
            }
            apply = try launch(
                "import data to target",
                [
                    "--target-db-host", target.cluster.host, "--target-db-port", "\(target.cluster.port)",
                    "--target-db-user", "postgres", "--target-db-name", target.name,
                    "--target-db-schema", "public",
                ] + applyMode)
        case .reverse:
            capture = try launch("export data from target", [])
            apply = try launch("import data to source", applyMode)
        }
    }

    private var applyMode: [String] {
        site.channels > 1 ? ["--apply-mode", "parallel", "--parallel-jobs", "\(site.channels)"] : []
    }

    private func launch(_ verb: String, _ flags: [String]) throws -> SpawnedProgram {
        let words = verb.split(separator: " ").map(String.init)
        var environment = ProcessInfo.processInfo.environment
        environment["SOURCE_DB_PASSWORD"] = source.cluster.password
        environment["TARGET_DB_PASSWORD"] = target.cluster.password
        let program = try SpawnedProgram(
            [site.program] + words + ["--export-dir", exportDirectory] + flags, in: site.directory,
            output: output, environment: environment)
        try site.note(program.processID)
        return program
    }

    private var output: String { exportDirectory + ".out" }

    func status() throws -> MigrationStatus { try Migration(existing: exportDirectory).status() }

    func waitUntilStreaming(_ direction: Direction = .forward, seconds: Double = 600) throws {
        try wait(
            for: "both roles to stream; \(tail(of: output))", seconds: seconds, pollMicroseconds: 100_000
        ) {
            try expectRunning()
            guard let status = try? status() else { return false }
            return status.capture?.direction == direction && status.apply?.direction == direction
                && status.capture?.state.word == .streaming && status.apply?.state.word == .streaming
                && (status.phase == .streaming || status.phase == .fallBack)
        }
    }

    /// Throws if one of the two processes has ended.
    func expectRunning() throws {
        for program in [capture, apply].compactMap({ $0 })
        where ProcessUsage.times(program.processID)?.isZombie != false {
            throw BenchError("a process of the migration has ended: \(tail(of: output))")
        }
    }

    /// Runs a verb that ends by itself.
    func run(_ verb: String, _ flags: [String]) throws {
        let program = try launch(verb, flags)
        let status = program.wait()
        site.forget(program.processID)
        guard status == 0 else { throw BenchError("\(verb) ended with \(status): \(tail(of: output))") }
    }

    /// The CPU seconds of both processes so far, and the highest memory of either.
    func usage() -> (cpuSeconds: Double, capturePeakBytes: Int, applyPeakBytes: Int) {
        let ids = [capture, apply].compactMap { $0?.processID }
        return (
            ids.map(ProcessUsage.cpuSeconds).reduce(0, +),
            capture.map { ProcessUsage.peakBytes($0.processID) } ?? 0,
            apply.map { ProcessUsage.peakBytes($0.processID) } ?? 0
        )
    }

    /// Stops both processes.
    func stop() throws {
        for program in [capture, apply].compactMap({ $0 }) { program.signal(SIGTERM) }
        for program in [capture, apply].compactMap({ $0 }) {
            let until = ContinuousClock.now + .seconds(30)
            while program.statusIfEnded() == nil {
                if ContinuousClock.now > until { program.signal(SIGKILL) }
                usleep(5000)
            }
            site.forget(program.processID)
        }
        (capture, apply) = (nil, nil)
    }
}
