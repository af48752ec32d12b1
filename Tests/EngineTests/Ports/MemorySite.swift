import Foundation
import Records
import Support

@testable import Engine

/// A migration between two memory servers, with a worker in this process. No server is started.
final class MemorySite {
    static let item = table("item")
    static let stock = table("stock")

    let directory: String
    let migration: Migration
    let source: MemoryServer
    let target: MemoryServer
    private var stop: StopSignal?
    private var worker: Task<Void, any Error>?

    init() throws {
        directory = NSTemporaryDirectory() + "switchback-memory-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        migration = try Migration(creating: directory)
        source = MemoryServer("source", [Self.item, Self.stock])
        target = MemoryServer("target", [Self.item, Self.stock])
        let form = ConnectionForm(host: "memory", port: 1, database: "d", user: "u")
        try migration.keep(DatabaseForms(source: form, target: form, schemas: ["public"]))
    }

    deinit {
        stop?.request()
        // The system removes what is left of a temporary directory.
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func table(_ name: String) -> Table {
        Table(
            name: QualifiedName(schema: "public", name: name),
            columns: ["id", "name", "count"].map {
                Column(name: Identifier($0), typeName: "text", isNotNull: $0 == "id")
            },
            primaryKey: ["id"], replicaIdentity: .primaryKey)
    }

    func server(_ side: Side) -> MemoryServer { side == .source ? source : target }

    var options: RunOptions {
        var options = RunOptions(source: MemoryDatabase(source), target: MemoryDatabase(target), jobs: 2)
        options.gatePace = .quick
        options.alertPace = .quick
        return options
    }

    /// The means of a role that no worker has.
    var context: RoleContext {
        RoleContext(
            journal: migration.journal, exportDirectory: directory, options: options, stop: StopSignal(),
            announce: { _ in })
    }

    /// Verifies once, as `switchback verify --once` does.
    func verify() async throws -> VerifyReport {
        try await runVerification(
            migration: migration, options: options, VerifyOptions(), once: true, stop: StopSignal(),
            ended: { _ in })
    }

    /// The proof of the leg under way.
    func proof() throws -> RowProof? {
        try migration.record().currentLeg.flatMap { try RowProof.read(leg: $0, migration.journal) }
    }

    func startWorker() {
        let stop = StopSignal()
        let (migration, options) = (migration, options)
        self.stop = stop
        worker = Task { try await runWorker(migration: migration, options: options, stop: stop) }
    }

    func stopWorker() async throws {
        stop?.request()
        try await worker?.value
        worker = nil
    }

    func goLive() async throws {
        startWorker()
        _ = try migration.leave(.startLiveMigration(jobs: 2), by: "test")
        try await awaitPhase(.streaming)
    }

    func awaitPhase(_ phase: Phase) async throws {
        let migration = migration
        do { try await eventually("phase \(phase)") { try migration.record().phase == phase } } catch {
            throw Trouble(description: "\(error): \(try trouble())")
        }
    }

    /// Waits until both servers have the same rows.
    func awaitEqual() async throws {
        do { try await eventually("both sides equal") { rows(.source) == rows(.target) } } catch {
            throw Trouble(description: "\(error): \(try trouble())")
        }
    }

    func rows(_ side: Side) -> [[[String?]]] {
        [Self.item, Self.stock].map { server(side).rows(of: $0.name) }
    }

    /// Initiates a cutover, and waits until it is released.
    func cutOver(to side: Side, beginsNextRound: Bool = false) async throws {
        let migration = migration
        try await eventually("no gate refuses the cutover") {
            try !migration.status().gates.contains(where: \.refuses)
        }
        _ = try migration.leave(
            .initiateCutover(CutoverOptions(to: side, beginsNextRound: beginsNextRound)), by: "test")
        try await awaitPhase(side == .target ? .fallBack : beginsNextRound ? .streaming : .complete)
    }

    /// The warnings and errors of the event log.
    func trouble() throws -> String {
        // Alerts and waivers say nothing about the roles.
        try migration.events(after: 0, limit: 200).filter {
            $0.level != .info && !["alert", "operator"].contains($0.origin)
        }.map(\.message).joined(separator: " | ")
    }

    struct Trouble: Error, CustomStringConvertible { let description: String }
}

extension MemoryChange {
    static func insertItem(_ id: Int, _ name: String, _ count: Int? = nil) -> MemoryChange {
        .insert(MemorySite.item.name, ["\(id)", name, count.map(String.init)])
    }

    static func updateItem(_ id: Int, _ name: String, _ count: Int? = nil, newID: Int? = nil) -> MemoryChange
    {
        .update(
            MemorySite.item.name, key: ["\(id)"], ["\(newID ?? id)", name, count.map(String.init)])
    }

    static func deleteItem(_ id: Int) -> MemoryChange { .delete(MemorySite.item.name, key: ["\(id)"]) }
}
