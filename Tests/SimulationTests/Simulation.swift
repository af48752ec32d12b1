import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// One migration from end to end while everything around it dies, chosen by a seed.
///
/// The engine is the program itself, as a process that is killed; the application's sessions write all the while. At
/// each place where the changes have run out both databases are compared with each other and with the application's
/// own books.
final class Simulation {
    let seed: UInt64
    var random: Randomness
    let plan: SimulationPlan
    let name: String
    let directory: String
    let migration: Migration
    /// The worker's ways to the servers, and the application's.
    let ways: [Side: CuttingProxy]
    let applicationWays: [Side: CuttingProxy]
    let accounts = Accounts()
    let trace = Trace()
    var worker: SpawnedProgram?
    private var writers: [SimulatedWriter] = []
    private var writersMade = 0
    private var markers = 0
    private var eventsSeen: Int64 = 0

    /// Everything that is waited for comes within as long, whatever the machine is doing.
    static let patienceSeconds = 90.0

    init(seed: UInt64) throws {
        self.seed = seed
        random = Randomness(seed: seed)
        plan = SimulationPlan(&random)
        name = "sim" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        directory = NSTemporaryDirectory() + "switchback-simulation-" + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        migration = try Migration(creating: directory)
        var (ways, applicationWays): ([Side: CuttingProxy], [Side: CuttingProxy]) = ([:], [:])
        for side in Side.allCases {
            let port = try SimulatedServers.server(side).cluster.port
            ways[side] = try CuttingProxy(to: port)
            applicationWays[side] = try CuttingProxy(to: port)
        }
        self.ways = ways
        self.applicationWays = applicationWays
        trace.note("\(name): \(plan.description)")
    }

    // MARK: The course

    func run() async throws {
        for side in Side.allCases {
            try server(side).execute("create database \(name)")
            try connect(side).execute(SimulatedSchema.tables)
        }
        try connect(.source).execute(SimulatedSchema.rows)
        try keepForms()
        try startWorker()
        startWriters(on: .source)
        _ = try migration.leave(.startLiveMigration(jobs: plan.jobs), by: "simulation")
        try await faults(plan.snapshotFaults, .forward, pauseMilliseconds: 120)
        try await awaitPhase(.streaming)
        try await faults(plan.streamFaults, .forward, pauseMilliseconds: 400)
        try await drain(.forward)
        guard let cutover = plan.cutover else { return }
        try await cutOver(to: .target, cutover)
        startWriters(on: .target)
        try await faults(cutover.fallBackFaults, .reverse, pauseMilliseconds: 400)
        try await drain(.reverse)
        guard cutover.returns else { return }
        try await cutOver(to: .source, cutover)
        startWriters(on: .source)
        try await Task.sleep(for: .milliseconds(50))
        stopWriters()
    }

    /// Puts everything back in order, lets the changes run out, and compares.
    private func drain(_ direction: Direction) async throws {
        stopWriters()
        heal()
        markers += 1
        let number = markers
        try connect(direction.origin).execute("insert into marker values (\(number))")
        trace.note("marker \(number) on the \(direction.origin.rawValue); \(accounts.summary)")
        try await wait("the marker \(number) to arrive") {
            try connect(direction.destination).query("select from marker where n = \(number)").rows.count == 1
        }
        try compare("drained \(direction)")
    }

    private func cutOver(to side: Side, _ plan: SimulationPlan.Cutover) async throws {
        let phase: Phase = side == .target ? .fallBack : .complete
        trace.note("cutover to the \(side.rawValue)")
        let options = CutoverOptions(to: side, holdBeforeRelease: plan.holds)
        _ = try migration.leave(.initiateCutover(options), by: "simulation")
        try await faults(plan.faults, side == .target ? .forward : .reverse, pauseMilliseconds: 150)
        if plan.holds {
            try await wait("the hold") { try migration.record().openCutover?.status.isHeld == true }
            _ = try migration.leave(.approveRelease, by: "simulation")
        }
        try await wait("the phase \(phase.rawValue)") {
            if let reason = try migration.record().cutovers.last?.abortReason {
                throw SimulationFailure("the cutover was taken back: \(reason)")
            }
            return try migration.record().phase == phase
        }
        heal()
        let wrong = try compareDatabases(
            source: access(.source), target: access(.target), schemas: SimulatedSchema.schemas
        ).differences(readyFor: side)
        guard wrong.isEmpty else {
            throw SimulationFailure("after the cutover: " + wrong.joined(separator: "; "))
        }
        try compare("cut over to \(side)")
    }

    private func faults(_ count: Int, _ direction: Direction, pauseMilliseconds: Int) async throws {
        for _ in 0..<count {
            try await Task.sleep(for: .milliseconds(20 + random.below(pauseMilliseconds)))
            try await inject(direction)
            try lookAtWorker()
        }
        try await Task.sleep(for: .milliseconds(20 + random.below(pauseMilliseconds)))
        heal()
    }

    // MARK: The parts of it

    func server(_ side: Side) throws -> PostgresConnection {
        try PostgresConnection(
            try SimulatedServers.server(side).cluster.access(), applicationName: "simulation")
    }

    func access(_ side: Side) throws -> DatabaseAccess {
        try SimulatedServers.server(side).cluster.access(database: name)
    }

    /// A session past the proxies, which no fence holds.
    func connect(_ side: Side) throws -> PostgresConnection {
        try PostgresConnection(try access(side), applicationName: "simulation")
    }

    private func keepForms() throws {
        func form(_ side: Side) -> ConnectionForm {
            ConnectionForm(
                host: "127.0.0.1", port: ways[side]!.port, database: name, user: "postgres",
                sslMode: "disable")
        }
        try migration.keep(
            DatabaseForms(source: form(.source), target: form(.target), schemas: SimulatedSchema.schemas))
    }

    private func startWriters(on side: Side) {
        let cluster = try? SimulatedServers.server(side).cluster
        for _ in 0..<plan.writers {
            writersMade += 1
            let parameters = ConnectionParameters(
                host: "127.0.0.1", port: applicationWays[side]!.port, database: name, user: "postgres",
                sslMode: "disable")
            writers.append(
                SimulatedWriter(
                    "w\(writersMade)",
                    access: DatabaseAccess(parameters: parameters, password: cluster?.password),
                    accounts: accounts, seed: random.next()))
        }
    }

    private func stopWriters() {
        for way in applicationWays.values { way.heal() }
        for writer in writers { writer.stop() }
        writers = []
    }

    /// Takes back what was asked of the proxies and has not happened.
    private func heal() {
        for way in Array(ways.values) + Array(applicationWays.values) { way.heal() }
    }

    func awaitPhase(_ phase: Phase) async throws {
        try await wait("the phase \(phase.rawValue)") { try migration.record().phase == phase }
        trace.note("phase \(phase.rawValue)")
    }

    /// Waits for a condition, while a worker that ended or complained ends the wait.
    func wait(_ what: String, _ condition: () throws -> Bool) async throws {
        try await eventually(what, within: Self.patienceSeconds) {
            try lookAtWorker()
            return try condition()
        }
    }

    /// Both databases beside each other and beside the books.
    private func compare(_ when: String) throws {
        var wrong: [String] = []
        for side in Side.allCases { wrong += try accounts.differences(try connect(side), at: side) }
        let comparison = try compareDatabases(
            source: access(.source), target: access(.target), schemas: SimulatedSchema.schemas)
        for table in comparison.tables {
            guard let difference = table.difference else { continue }
            wrong.append(difference + "\n" + (try rowsThatDiffer(table.table)))
        }
        guard wrong.isEmpty else {
            throw SimulationFailure("\(when): \(wrong.joined(separator: "\n"))")
        }
        trace.note("\(when): equal, \(comparison.rows) rows; \(accounts.summary)")
    }

    private func rowsThatDiffer(_ table: QualifiedName) throws -> String {
        var counts: [String: Int] = [:]
        for (side, sign) in [(Side.source, 1), (.target, -1)] {
            let rows = try connect(side).query("select left(t::text, 300) from \(table.quoted) t").rows
            for row in rows { counts[row[0] ?? "", default: 0] += sign }
        }
        return counts.filter { $0.value != 0 }.sorted { $0.key < $1.key }.prefix(12).map {
            "    \($0.value > 0 ? "source" : "target") only, \(abs($0.value)) times: \($0.key.prefix(200))"
        }.joined(separator: "\n")
    }

    /// A worker that ended by itself, or wrote an error into the event log, ends the run.
    func lookAtWorker() throws {
        if let status = worker?.statusIfEnded() {
            worker = nil
            throw SimulationFailure("the worker ended by itself with status \(status)")
        }
        for event in try migration.events(after: eventsSeen, limit: 1000) {
            eventsSeen = event.id
            trace.note("event \(event.level) \(event.origin): \(event.message)")
            if event.level == .error {
                throw SimulationFailure("an error in the event log: \(event.message)")
            }
        }
    }

    func startWorker() throws {
        let log = directory + "/logs/worker.log"
        // A mode of the apply that is chosen by the seed belongs into these words.
        worker = try SpawnedProgram(
            [Program.path, "worker", "--export-dir", directory], in: directory, output: log)
        trace.note("worker \(worker?.processID ?? 0) started")
    }

    func killWorker(_ signal: Int32 = SIGKILL) {
        guard let ended = worker else { return }
        worker = nil
        ended.signal(signal)
        let status = ended.wait()
        trace.note("worker \(ended.processID) ended by signal \(signal), status \(status)")
    }

    // MARK: The end

    /// Everything a reader of a failure wants to know.
    func situation() -> String {
        try? lookAtWorker()
        let log = FileManager.default.contents(atPath: directory + "/logs/worker.log") ?? Data()
        let record = try? migration.record()
        let steps = record?.cutovers.last?.steps.map { "\($0.step) \($0.state) \($0.detail)" } ?? []
        return """
            simulation \(seed), \(plan.description)
            directory \(directory)
            \(trace.text)
            phase \(record?.phase.rawValue ?? "?"), steps: \(steps.joined(separator: "; "))
            --- worker.log
            \(String(decoding: log.suffix(3000), as: UTF8.self))
            """
    }

    /// Ends whatever runs and removes the databases; the directory stays where the run failed.
    func close(failed: Bool) async {
        stopWriters()
        killWorker()
        for way in Array(ways.values) + Array(applicationWays.values) { way.close() }
        for side in Side.allCases {
            do {
                try await eventually("the slots of \(name) let go", within: 20) { try dropSlots(side) }
                try server(side).execute("drop database if exists \(name) with (force)")
            } catch { print("a database of a simulation stays: \(error)") }
        }
        if !failed { try? FileManager.default.removeItem(atPath: directory) }
    }

    /// False while one of them is still in use.
    private func dropSlots(_ side: Side) throws -> Bool {
        do {
            try server(side).query(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1",
                [name])
            return true
        } catch let error as PostgresError where error.sqlState == "55006" { return false }
    }
}
