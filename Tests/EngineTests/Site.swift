import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

/// The two servers all suites share, made at first use; they end and vanish with this process, however it
/// ends.
enum Servers {
    private static let pair = Result {
        () throws -> (ThrowAwayCluster, ThrowAwayCluster) in
        let options = ThrowAwayCluster.Options(
            trust: true, settings: ["max_prepared_transactions": "10"])
        return (
            try ThrowAwayCluster(named: "engine-source", options: options),
            try ThrowAwayCluster(named: "engine-target", options: options)
        )
    }

    static func cluster(_ side: Side) throws -> ThrowAwayCluster {
        let (source, target) = try pair.get()
        return side == .source ? source : target
    }
}

/// A migration between two new databases, with a worker in this process.
final class Site {
    let name = "t" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
    let directory: String
    let migration: Migration
    let schemas: [String]
    var limits = CutoverLimits()
    var attemptsMax = Patience.attemptsMax
    var applyAttemptsMax: Int?
    var schemaPace = MonitorPace.quick
    /// Port under which the source is reached instead of its own.
    var sourcePort: Int?
    var targetPort: Int?
    /// Role that moves the data, if it is not the superuser.
    var sourceUser = "postgres"
    var targetUser = "postgres"
    var sourceSSLMode = "disable"
    /// Servers of this site's own, where the suites' would not do.
    private let own: [Side: ThrowAwayCluster]
    /// A worker that is a process of its own.
    var processID: Int32?
    private var stop: StopSignal?
    private var worker: Task<Void, any Error>?
    private(set) var markers = 0

    /// - Parameter options: what the databases are created with
    init(
        _ tables: String, schemas: [String] = ["public"], on own: [Side: ThrowAwayCluster] = [:],
        options: [Side: String] = [:]
    ) throws {
        self.schemas = schemas
        self.own = own
        directory = NSTemporaryDirectory() + "switchback-engine-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        migration = try Migration(creating: directory)
        for side in Side.allCases {
            try server(side).execute("create database \(name) \(options[side] ?? "")")
            try connect(side).execute("create table marker (n int primary key);" + tables)
        }
        try keepForms()
    }

    func keepForms() throws {
        func form(_ side: Side) throws -> ConnectionForm {
            let port = try (side == .source ? sourcePort : targetPort) ?? cluster(side).port
            return ConnectionForm(
                host: "127.0.0.1", port: port, database: name,
                user: side == .source ? sourceUser : targetUser,
                sslMode: side == .source ? sourceSSLMode : "disable")
        }
        try migration.keep(
            DatabaseForms(source: try form(.source), target: try form(.target), schemas: schemas))
    }

    func access(_ side: Side) throws -> DatabaseAccess {
        let forms: DatabaseForms = try migration.databases()
        let form: ConnectionForm = side == .source ? forms.source : forms.target
        return DatabaseAccess(parameters: form.parameters, password: nil)
    }

    /// A session as an application has it: under the server's own settings, so that the fence applies to it.
    func connect(_ side: Side) throws -> PostgresConnection {
        try PostgresConnection(
            try cluster(side).access(database: name), applicationName: "test", settings: nil)
    }

    func value(_ side: Side, _ sql: String) throws -> String? { try connect(side).query(sql).scalar }

    func startWorker() {
        let stop = StopSignal()
        // The worker takes the places from the forms.
        let noPlace = DatabaseAccess(parameters: DatabaseForms.empty.source.parameters, password: nil)
        var options = RunOptions(source: noPlace, target: noPlace, jobs: 2)
        options.limits = limits
        options.attemptsMax = attemptsMax
        options.applyAttemptsMax = applyAttemptsMax
        options.schemaPace = schemaPace
        options.gatePace = .quick
        options.catalogPace = .quick
        let migration = migration
        self.stop = stop
        let run = options
        worker = Task { try await runWorker(migration: migration, options: run, stop: stop) }
    }

    /// Asks for its end without waiting for it.
    func requestStop() { stop?.request() }

    func stopWorker() async throws {
        stop?.request()
        try await worker?.value
        worker = nil
    }

    func goLive(_ mode: ApplyMode = .transactional) async throws {
        _ = try migration.leave(.setApplyMode(mode), by: "test")
        startWorker()
        _ = try migration.leave(.startLiveMigration(jobs: 2), by: "test")
        try await awaitPhase(.streaming)
    }

    /// Goes live, and to where changes run that way.
    func goLive(_ direction: Direction, _ mode: ApplyMode = .transactional) async throws {
        try await goLive(mode)
        guard direction == .reverse else { return }
        try cutover(to: .target, waiving: Self.equality)
        try await awaitFallBack()
    }

    func awaitPhase(_ phase: Phase, within seconds: Double = 60) async throws {
        let migration = migration
        do {
            try await eventually("phase \(phase)", within: seconds) { try migration.record().phase == phase }
        } catch { throw Trouble(description: "\(error): \(try trouble())") }
    }

    /// The warnings and errors of the event log, for a test that failed.
    func trouble() throws -> String {
        // Alerts and waivers say nothing about the roles.
        try migration.events(after: 0, limit: 100).filter {
            $0.level != .info && !["alert", "operator"].contains($0.origin)
        }.map(\.message).joined(separator: " | ")
    }

    /// Waits until everything committed on the origin before is applied on the other side, and says what
    /// differs then.
    func differences(_ direction: Direction = .forward) async throws -> [String] {
        markers += 1
        let number = markers
        try connect(direction.origin).execute("insert into marker values (\(number))")
        do {
            try await eventually("marker \(number) on \(direction.destination)", within: 60) {
                try value(direction.destination, "select count(*) from marker where n = \(number)") == "1"
            }
        } catch { throw Trouble(description: "\(error): \(try trouble())") }
        // Channels need not come to it together.
        if try migration.record().applyMode != .transactional {
            do {
                try await eventually("both sides equal", within: 10) { try compare().isEmpty }
            } catch {}  // What differs then is said below.
        }
        return try compare()
    }

    struct Trouble: Error, CustomStringConvertible { let description: String }

    /// Both comparisons, ours and the demo's.
    func compare() throws -> [String] {
        let (sourceAccess, targetAccess) = (try access(.source), try access(.target))
        let source = try PostgresConnection(
            sourceAccess, applicationName: "switchback test", settings: .reading)
        let target = try PostgresConnection(
            targetAccess, applicationName: "switchback test", settings: .reading)
        // With the columns they have now.
        let names = Set(try migration.journal.tables().map(\.table.name))
        let tables = try source.tables(inSchemas: schemas).filter { names.contains($0.name) }
        let left: [QualifiedName: String] = try TableChecksums.read(source, tables: tables, meanwhile: {})
        let right: [QualifiedName: String] = try TableChecksums.read(target, tables: tables, meanwhile: {})
        var found: [String] = TableChecksums.differences(left, right)
        let demo: DatabaseComparison = try compareDatabases(
            source: sourceAccess, target: targetAccess, schemas: schemas)
        for table in demo.tables { if let difference = table.difference { found.append(difference) } }
        return found
    }

    /// The objects of a server besides the tables: slots, publications, settings, schemas.
    func surroundings(_ side: Side) throws -> [String] {
        let sql = """
            select 'slot ' || slot_name from pg_replication_slots where database = current_database()
            union all select 'publication ' || pubname from pg_publication
            union all select 'setting ' || unnest(setconfig) from pg_db_role_setting s join pg_database d
                on d.oid = s.setdatabase where d.datname = current_database()
            union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_' order by 1
            """
        let found: ResultSet = try connect(side).query(sql)
        return found.rows.compactMap { $0[0] }
    }

    /// Asks for a cutover that must not begin. Returns why the gates refuse it, or why its own steps abort
    /// it, if nobody had read the gates yet.
    func refusedCutover(to side: Side) async throws -> String {
        do { try cutover(to: side) } catch let refused as RequestRefused { return refused.reason }
        try await eventually("the cutover is aborted") {
            try migration.record().cutovers.last?.abortedAt != nil
        }
        return try migration.record().cutovers.last?.abortReason ?? ""
    }

    /// Waits until the gates were read after now.
    func readGates() async throws {
        let asked = secondsNow()
        try migration.readGatesAgain()
        try await eventually("the gates are read") {
            try migration.status().gates.filter {
                [.sourceAnswers, .targetAnswers, .tables].contains($0.name)
            }.allSatisfy { $0.readAt ?? 0 >= asked }
        }
    }

    /// Initiates a cutover that a gate has to refuse. Returns the reason: that of the request, or that of the
    /// step which aborted the cutover, if nobody had read the gates before.
    func refusalOfCutover(to side: Side, waiving gates: [GateName] = []) async throws -> String {
        do { try cutover(to: side, waiving: gates) } catch let error as RequestRefused { return error.reason }
        try await eventually("the cutover is aborted", within: 30) {
            try migration.record().cutovers.last?.abortedAt != nil
        }
        return try #require(try migration.record().cutovers.last?.abortReason)
    }

    /// The gates of the catalogs, for tests of the stream whose databases differ on purpose.
    static let equality = [GateName.indexes, .constraints, .triggers, .views, .defaults]

    func cutover(
        to side: Side, requiresApproval: Bool = false, verify: Bool = true, fence: CutoverFence = .database,
        waiving gates: [GateName] = []
    ) throws {
        let waivers = gates.map {
            GateWaiver(gate: $0, reason: "the databases of the test differ on purpose")
        }
        _ = try migration.leave(
            .initiateCutover(
                CutoverOptions(
                    to: side, verify: verify, requiresApproval: requiresApproval, fence: fence,
                    waivers: waivers)),
            by: "test")
    }

    /// Ends the migration without a backup.
    func end() async throws {
        let id = try migration.leave(
            .endMigration(
                EndOptions(
                    backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                    backupLogFiles: false, backupDirectory: nil)), by: "test")
        try await awaitPhase(.ended)
        try await eventually("the record of the end") { try migration.record(of: id)?.state == .done }
    }

    func cluster(_ side: Side) throws -> ThrowAwayCluster {
        try own[side] ?? Servers.cluster(side)
    }

    func close() async {
        do { try killProcess() } catch { print("the worker's process stays: \(error)") }
        do { try await stopWorker() } catch { print("the worker ended with \(error)") }
        for side in Side.allCases {
            do {
                try await eventually("the slots of \(name) let go") { try dropSlots(side) }
                try server(side).execute("drop database \(name) with (force)")
            } catch { print("a database of a test stays: \(error)") }
        }
        // A leftover in the temporary directory harms nobody.
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func server(_ side: Side) throws -> PostgresConnection {
        try PostgresConnection(try cluster(side).access(), applicationName: "test")
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

extension MonitorPace {
    /// A pace at which tests need not wait for checks.
    static let quick = MonitorPace(secondsMin: 0.1, timeShareMax: 0.5)
}

extension ApplyMode {
    static let both = [ApplyMode.transactional, .parallel(channels: 4)]
}

/// Runs a test on a site of its own, which goes whatever happens.
func withSite(
    _ tables: String, schemas: [String] = ["public"], on own: [Side: ThrowAwayCluster] = [:],
    options: [Side: String] = [:], _ body: (Site) async throws -> Void
) async throws {
    let site = try Site(tables, schemas: schemas, on: own, options: options)
    do {
        try await body(site)
    } catch {
        await site.close()
        throw error
    }
    await site.close()
}

/// The suites that use the servers run one after the other.
@Suite(.serialized) enum ServerSuites {}
