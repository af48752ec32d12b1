import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// A whole migration under faults that a seed chooses.
///
/// The engine is the program itself, in processes that are killed, while the application's sessions write. At
/// each point where all changes are applied, both databases are compared with each other and with the
/// application's own record.
final class Simulation {
    let seed: UInt64
    var random: Randomness
    let plan: SimulationPlan
    let name: String
    let directory: String
    let migration: Migration
    /// The proxies before the servers, for the worker and for the application.
    let ways: [Side: CuttingProxy]
    let applicationWays: [Side: CuttingProxy]
    let accounts = Accounts()
    let trace = Trace()
    let processes: EngineProcesses
    private var writers: [SimulatedWriter] = []
    private var writersMade = 0
    private var markers = 0
    /// Tables with an added column, `schema.name`.
    var altered: [String] = []
    var archiveDirectory: String { directory + "-archive" }
    private(set) var streamedTransactions = 0
    private var eventsSeen: Int64 = 0
    private var startsRepeated = 0
    private static let startsRepeatedMax = 20

    /// The bound of every wait, also on a busy machine.
    static let patienceSeconds = 90.0

    init(seed: UInt64) throws {
        self.seed = seed
        random = Randomness(seed: seed)
        plan = SimulationPlan(&random)
        name = "sim" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        directory = NSTemporaryDirectory() + "switchback-simulation-" + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: directory + "-archive", withIntermediateDirectories: true)
        migration = try Migration(creating: directory)
        var (ways, applicationWays): ([Side: CuttingProxy], [Side: CuttingProxy]) = ([:], [:])
        for side in Side.allCases {
            let port = try SimulatedServers.server(side).cluster.port
            ways[side] = try CuttingProxy(to: port)
            applicationWays[side] = try CuttingProxy(to: port)
        }
        self.ways = ways
        self.applicationWays = applicationWays
        processes = try EngineProcesses(directory: directory, trace: trace)
        trace.note("\(name): \(plan.description)")
    }

    // MARK: The course

    func run() async throws {
        for side in Side.allCases {
            try server(side).execute("create database \(name)")
            if plan.streamsOpenTransactions {
                try server(side).execute("alter database \(name) set logical_decoding_work_mem = '64kB'")
            }
            try connect(side).execute(SimulatedSchema.tables)
        }
        try connect(.source).execute(SimulatedSchema.rows)
        try setCommands()
        _ = try migration.leave(.setApplyMode(plan.applyMode), by: "simulation")
        try startProcesses()
        startWriters(on: .source)
        if !plan.usesVerbs {
            _ = try migration.leave(.startLiveMigration(jobs: plan.jobs), by: "simulation")
        }
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
        try await wait("the application to write to the source again") {
            writers.contains { $0.transactions > 0 }
        }
        stopWriters()
    }

    /// Retries the tables that are set aside. Such a table may wait for the origin's next change, which would
    /// show that the origin also has the column. Nobody writes any more, so the operator says that both sides
    /// have it.
    private func retryTables(_ direction: Direction) throws {
        for table in try migration.record().setAsideTables
        where !table.isReleased
            && table.reason.hasSuffix("which the \(direction.origin.rawValue) does not send")
        {
            trace.note("retry table \(table.table)")
            _ = try migration.leave(.retryTable(table.table), by: "simulation")
        }
    }

    /// Ends all faults, waits until all changes are applied, and compares.
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
        try await wait("no table to be set aside") {
            try retryTables(direction)
            return try migration.record().setAsideTables.isEmpty
        }
        try await awaitCounts(direction)
        try compare("drained \(direction)")
        // After a crash of the server its counts start again.
        let streamed = try server(direction.origin).query(
            "select coalesce(sum(stream_txns), 0) from pg_stat_replication_slots join pg_replication_slots "
                + "using (slot_name) "
                + "where database = $1", [name]
        ).scalar
        streamedTransactions += streamed.flatMap { Int($0) } ?? 0
        trace.note("\(streamed ?? "?") transactions were streamed before their commit")
    }

    /// Checks that the destination's counts equal those of the log, in all and for each table.
    private func awaitCounts(_ direction: Direction) async throws {
        let uuid = try migration.record().uuid
        var found = ""
        do {
            try await wait("the counts to agree") {
                let destination = try connect(direction.destination)
                let channels = try destination.channels(migration: uuid).map(\.counts).reduce(.zero, +)
                let tables = try destination.appliedCounts(migration: uuid).values.reduce(.zero, +)
                let status = try migration.status()
                let (logged, applied) = (status.capture?.totalEvents, status.apply?.totalEvents)
                found =
                    "channels \(channels), tables \(tables), logged \(String(describing: logged)), "
                    + "applied \(String(describing: applied))"
                return channels == tables && logged == tables && applied == tables
            }
        } catch { throw SimulationFailure("\(error): \(found)") }
        trace.note("counts: \(found)")
    }

    private func cutOver(to side: Side, _ plan: SimulationPlan.Cutover) async throws {
        let phase: Phase = side == .target ? .fallBack : .complete
        trace.note("cutover to the \(side.rawValue)")
        let options = CutoverOptions(to: side, requiresApproval: plan.awaitsApproval)
        try await initiate(options)
        try await faults(plan.faults, side == .target ? .forward : .reverse, pauseMilliseconds: 150)
        if plan.aborts, try migration.refusal(of: .abortCutover) == nil {
            try await abortAndRepeat(side, options)
        }
        if plan.awaitsApproval {
            try await wait("the approval") {
                try migration.record().openCutover?.status.awaitsApproval == true
            }
            _ = try migration.leave(.approveRelease, by: "simulation")
        }
        try await wait("the end of the cutover") {
            if let reason = try migration.record().cutovers.last?.abortReason {
                throw SimulationFailure("the cutover was aborted: \(reason)")
            }
            return try migration.record().phase == phase
        }
        heal()
        try checkSequences(side)
        try compare("cut over to \(side)")
        let leg = try migration.record().legs.last { $0.endedAt != nil }
        try await wait("the slot \(leg?.slotName ?? "") to be gone") {
            try server(side.other).query(
                "select from pg_replication_slots where slot_name = $1", [leg?.slotName]
            ).rows.isEmpty
        }
        if side == .target { turnCommands() }
    }

    /// Checks that each sequence of the new side continues above every value in its table. The values of the
    /// two sides need not be equal: sequences of a server that crashes skip values.
    private func checkSequences(_ side: Side) throws {
        let connection = try connect(side)
        for table in ["made", "auto", "audit"] {
            let found = try connection.query(
                "select (select coalesce(max(id), 0) from \(table)), last_value, is_called from "
                    + "\(table)_id_seq"
            ).rows[0].map { $0 ?? "" }
            guard let highest = Int(found[0]), let last = Int(found[1]),
                last > highest || last == highest && found[2] == "t"
            else {
                throw SimulationFailure(
                    "after the cutover the sequence of \(table) is at \(found[1]), its rows at \(found[0])")
            }
        }
    }

    /// Aborts the cutover, lets the application write again, and requests the cutover again.
    private func abortAndRepeat(_ side: Side, _ options: CutoverOptions) async throws {
        do { _ = try migration.leave(.abortCutover, by: "simulation") } catch is RequestRefused { return }
        trace.note("aborting the cutover")
        try await wait("the abort of the cutover") { try migration.record().openCutover == nil }
        // The release may have come first.
        guard try migration.record().cutovers.last?.abortedAt != nil else { return }
        let direction: Direction = side == .target ? .forward : .reverse
        startWriters(on: side.other)
        try await faults(1, direction, pauseMilliseconds: 200)
        try await drain(direction)
        try await initiate(options)
        trace.note("cutover to the \(side.rawValue), once more")
    }

    /// Initiates a cutover. The gates are read every few seconds, so that they may show what a fault has
    /// changed and what is mended by now.
    private func initiate(_ options: CutoverOptions) async throws {
        try migration.readGatesAgain()
        try await wait("gates that do not refuse") {
            try migration.refusal(of: .initiateCutover(options)) == nil
        }
        _ = try migration.leave(.initiateCutover(options), by: "simulation")
    }

    private func faults(_ count: Int, _ direction: Direction, pauseMilliseconds: Int) async throws {
        for _ in 0..<count {
            try await Task.sleep(for: .milliseconds(20 + random.below(pauseMilliseconds)))
            try await inject(direction)
            try checkProcesses()
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

    /// Opens a session that bypasses the proxies and the fence.
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
                    accounts: accounts, heavyOneIn: plan.streamsOpenTransactions ? 15 : 60,
                    seed: random.next()))
        }
    }

    private func stopWriters() {
        for way in applicationWays.values { way.heal() }
        for writer in writers { writer.stop() }
        writers = []
    }

    /// Cancels faults of the proxies that have not happened yet.
    private func heal() {
        for way in Array(ways.values) + Array(applicationWays.values) { way.heal() }
    }

    func awaitPhase(_ phase: Phase) async throws {
        try await wait("the phase \(phase.rawValue)") { try migration.record().phase == phase }
        trace.note("phase \(phase.rawValue)")
    }

    /// Waits for a condition. A worker that ended or logged an error ends the wait.
    func wait(_ what: String, _ condition: () throws -> Bool) async throws {
        try await eventually(what, within: Self.patienceSeconds) {
            try checkProcesses()
            return try condition()
        }
    }

    /// Compares both databases with each other and with the application's record.
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

    /// Ends the run if a process ended by itself or the event log has an error.
    func checkProcesses() throws {
        for (name, status) in processes.ended() {
            trace.note("\(name) ended by itself with status \(status)")
            if try migration.record().phase == .complete { continue }
            // A verb whose first connection fails ends with an error; the operator starts it again.
            let said = FileManager.default.contents(atPath: processes.output(name)) ?? Data()
            let last = String(decoding: said.suffix(600), as: UTF8.self)
            if last.suffix(600).contains("could not map filenode") { throw ServerCannotDecode(message: last) }
            let isRefused =
                last.contains("Error: cannot connect to") || last.contains("server closed the connection")
            startsRepeated += 1
            guard plan.usesVerbs, isRefused, startsRepeated <= Self.startsRepeatedMax else {
                throw SimulationFailure("\(name) ended by itself with status \(status)")
            }
            try startProcesses(healing: false)
        }
        for event in try migration.events(after: eventsSeen, limit: 1000) {
            eventsSeen = event.id
            trace.note("event \(event.level) \(event.origin): \(event.message)")
            if event.level == .error, event.message.contains("could not map filenode") {
                throw ServerCannotDecode(message: event.message)
            }
            if event.level == .error,
                altered.contains(where: { event.message.hasPrefix($0 + " is set aside") })
            {
                continue
            }
            if event.level >= .error, event.origin != "alert" {
                throw SimulationFailure("an error in the event log: \(event.message)")
            }
        }
    }

    /// Sets the program's command lines.
    private func setCommands() throws {
        guard plan.usesVerbs else {
            try keepForms()
            return processes.set("worker", ["worker"])
        }
        func way(_ side: Side) -> [String] {
            [
                "--\(side.rawValue)-db-host", "127.0.0.1", "--\(side.rawValue)-db-port",
                "\(ways[side]!.port)",
                "--\(side.rawValue)-db-user", "postgres", "--\(side.rawValue)-db-name", name,
                "--\(side.rawValue)-ssl-mode", "disable", "--parallel-jobs", "\(plan.jobs)", "--disable-pb",
                "true",
                "--yes",
            ]
        }
        let schemas = SimulatedSchema.schemas.map { "\"\($0)\"" }.joined(separator: ",")
        processes.set(
            "export",
            [
                "export", "data", "from", "source", "--source-db-type", "postgresql", "--source-db-schema",
                schemas,
                "--export-type", "snapshot-and-changes",
            ] + way(.source))
        processes.set("import", ["import", "data", "to", "target"] + way(.target))
    }

    /// Sets the command lines of the fall-back's verbs.
    private func turnCommands() {
        guard plan.usesVerbs else { return }
        processes.set("export", ["import", "data", "to", "source", "--disable-pb", "true", "--yes"])
        processes.set("import", ["export", "data", "from", "target", "--disable-pb", "true", "--yes"])
    }

    /// Starts the processes that do not run; after the last cutover the verbs have nothing to do.
    func startProcesses(healing: Bool = true) throws {
        let phase = try migration.record().phase
        if phase == .complete, plan.usesVerbs { return }
        // A verb that cannot reach its database at the start ends with an error.
        if plan.usesVerbs, healing { heal() }
        if phase == .fallBack || phase == .cutoverToSource { turnCommands() }
        try processes.start()
    }

    // MARK: The end

    /// The details of a failed run.
    func situation() -> String {
        try? checkProcesses()
        let outputs = processes.names.map { name in
            let output = FileManager.default.contents(atPath: processes.output(name)) ?? Data()
            return "--- \(name)\n\(String(decoding: output.suffix(3000), as: UTF8.self))"
        }
        let record = try? migration.record()
        let steps = record?.cutovers.last?.steps.map { "\($0.step) \($0.state) \($0.detail)" } ?? []
        return """
            simulation \(seed), \(plan.description)
            directory \(directory)
            \(trace.text)
            phase \(record?.phase.rawValue ?? "?"), steps: \(steps.joined(separator: "; "))
            \(outputs.joined(separator: "\n"))
            """
    }

    /// Ends all processes and removes the databases; the directory stays if the run failed.
    func close(failed: Bool) async {
        stopWriters()
        processes.end(processes.names)
        for way in Array(ways.values) + Array(applicationWays.values) { way.close() }
        for side in Side.allCases {
            do {
                try await eventually("the slots of \(name) let go", within: 20) { try dropSlots(side) }
                try server(side).execute("drop database if exists \(name) with (force)")
            } catch { print("a database of a simulation stays: \(error)") }
        }
        if !failed {
            for path in [directory, archiveDirectory] { try? FileManager.default.removeItem(atPath: path) }
        }
    }

    /// Returns false while one of the databases is still in use.
    private func dropSlots(_ side: Side) throws -> Bool {
        do {
            try server(side).query(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1",
                [name])
            return true
        } catch let error as PostgresError where error.sqlState == "55006" { return false }
    }
}
