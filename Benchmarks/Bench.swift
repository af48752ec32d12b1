import ArgumentParser
import Demo
import Foundation
import Records

/// The benchmark: measures the stream and PostgreSQL's own replication on two servers of its own.
/// `docs/performance.md` explains the figures.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure Switchback's stream and PostgreSQL's own replication.")

    @Option(
        parsing: .upToNextOption,
        help: .init(
            "Only these: tpcb, back, uniform, single, inserts, deletes, wide, swaps, hot, many, latency, "
                + "snapshot; drain: all except the last two.")
    )
    var only: [String] = []
    @Option(name: .customLong("repeat"), help: "How many times each is measured; the result is the median.")
    var rounds =
        3
    @Option(help: "off or default: whether the servers wait for their disks.") var durability = Durability.off
    @Flag(help: "Use the servers' Unix sockets and not TCP on loopback.") var socket = false
    @Flag(help: "Small, empty caches, and no checkpoint between the runs.")
    var cold = false
    @Option(name: [.long, .customLong("lanes")], help: "How many channels apply at once.") var channels = 1
    @Option(help: "A factor for the usual sizes.") var scale = 1.0
    @Flag(help: "A tenth of the usual sizes.") var quick = false
    @Option(help: "The directory of bench.json.") var directory = ".build/bench"
    @Flag(help: "Keep the results of other workloads in bench.json.") var add = false
    @Option(help: "Only print the table of a bench.json.") var show: String?
    @Option(help: "The program to measure (default: switchback in this program's directory).")
    var program: String?

    private static let latency = "latency"
    private static let latencyCommitsPerSecond = 1000
    private static let latencySeconds = 20.0

    func validate() throws {
        guard rounds > 0, scale > 0, channels > 0 else {
            throw ValidationError("--repeat, --channels and --scale must be above 0")
        }
        let known =
            WorkloadSizes(scale: 1, rounds: 1).all.map(\.name)
            + [Self.latency, SnapshotCourse.name, "drain"]
        if let unknown = only.first(where: { !known.contains($0) }) {
            throw ValidationError(
                "--only \(unknown) is not known; give some of \(known.joined(separator: ", "))")
        }
    }

    func run() throws {
        if let show {
            print(ReportTable(report: try Self.read(show)).text)
            return
        }
        let beside = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        )
        .deletingLastPathComponent().appendingPathComponent("switchback").path
        let site = try BenchSite(program: program ?? beside, channels: channels)
        defer { site.remove() }
        let caches = cold ? Caches.cold : .warm
        let servers = try ServerPair(durability, caches, bySocket: socket)
        defer { servers.remove() }
        let scale = quick ? scale / 10 : scale
        let path = directory + "/bench.json"
        var report = BenchReport(
            date: Date().formatted(.iso8601), commit: Machine.commit, machine: Machine.description,
            serverVersion: try Database(cluster: servers.source, name: "postgres").value(
                "select current_setting('server_version')") ?? "unknown",
            durability: durability,
            transport: (socket ? "Unix sockets" : "TCP") + (cold ? ", cold caches" : ""),
            channels: channels,
            settings: ServerPair.settings(durability, caches), scale: scale)
        // Without an earlier report there is nothing to add to.
        if add, let earlier = try? Self.read(path) {
            (report.workloads, report.latency) = (earlier.workloads, earlier.latency)
            report.snapshot = earlier.snapshot
        }
        let all = WorkloadSizes(scale: scale, rounds: rounds).all
        for workload in all where only.isEmpty || only.contains("drain") || only.contains(workload.name) {
            let result = try DrainCourse(
                site: site, servers: servers, workload: workload, rounds: rounds, say: Self.say
            ).run()
            report.workloads.removeAll { $0.name == result.name }
            report.workloads.append(result)
            try write(report, to: path)
        }
        if only.isEmpty || only.contains(Self.latency) {
            report.latency = try LatencyCourse(
                site: site, servers: servers, commitsPerSecond: Self.latencyCommitsPerSecond,
                seconds: Self.latencySeconds, say: Self.say
            ).run()
            try write(report, to: path)
        }
        if only.isEmpty || only.contains(SnapshotCourse.name) {
            report.snapshot = try SnapshotCourse(
                site: site, servers: servers, scale: scale, rounds: rounds, say: Self.say
            ).run()
            try write(report, to: path)
        }
        print(ReportTable(report: report).text)
        print("\nwritten to \(path)")
    }

    /// Writes the report; called after every workload, so that an interrupted run keeps its results.
    private func write(_ report: BenchReport, to path: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(try JSONText.text(of: report).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func read(_ path: String) throws -> BenchReport {
        try JSONDecoder().decode(BenchReport.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func say(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}

extension Durability: ExpressibleByArgument {}
