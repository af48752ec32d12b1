import Engine
import Records
import Synchronization

/// A migration without an engine: its state is a value, and each reading of the status advances the work by
/// one step. Tests read and change `state`.
package final class FakeMigrationControl: MigrationControl {
    private let box: Mutex<FakeMigration>

    package init(_ migration: FakeMigration) { box = Mutex(migration) }

    package var state: FakeMigration { box.withLock { $0 } }

    package func change(_ body: (inout FakeMigration) -> Void) {
        box.withLock { (migration: inout sending FakeMigration) in body(&migration) }
    }

    package func status() throws -> MigrationStatus {
        box.withLock { (migration: inout sending FakeMigration) in
            migration.step()
            return migration.status
        }
    }

    package func events(after id: Int64, limit: Int) throws -> [LogEvent] {
        Array(state.events.filter { $0.id > id }.suffix(limit))
    }

    package func incidents(limit: Int) throws -> [Incident] { Array(state.incidents.prefix(limit)) }

    package func leave(_ request: Request, by: String, seen plan: PlanHash?) throws -> Int64 {
        if let plan, plan != PlanHash(try self.plan(for: request)) {
            throw RequestRefused("the plan has changed since it was shown: look at it again")
        }
        if let reason = state.status.wheel.refusal { throw RequestRefused(reason) }
        if let reason = state.refusal(of: request) { throw RequestRefused(reason) }
        return box.withLock { (migration: inout sending FakeMigration) in migration.take(request, by: by) }
    }

    package func takeWheel() throws {
        change {
            let wheel = $0.status.wheel
            $0.status.wheel.holder = wheel.consoles.last
            $0.status.wheel.takenAt = $0.now
            $0.status.wheel.isMine = true
        }
    }

    package func record(of request: Int64) throws -> RequestRecord? {
        state.records.first { $0.id == request }
    }

    package func openRecords() throws -> [RequestRecord] {
        state.records.filter { $0.state == .waiting || $0.state == .running }
    }

    package func newestRecord(titled title: String) throws -> RequestRecord? {
        state.records.last { $0.request.title == title }
    }

    package func plan(for request: Request) throws -> [PlanLine] {
        let suffix = state.planSuffix
        guard !suffix.isEmpty else { return state.plan(for: request) }
        return state.plan(for: request).map {
            PlanLine(side: $0.side, action: $0.action + suffix, undo: $0.undo)
        }
    }

    package func offeredTables() throws -> [OfferedTable]? { state.offers }

    package func refusal(of request: Request) throws -> String? { state.refusal(of: request) }

    package func gates(for options: CutoverOptions) throws -> [Gate] {
        state.gates(options).map { gate in
            var gate = gate
            gate.waiver = options.waivers.last { $0.gate == gate.name }
            return gate
        }
    }

    package func openDifferences() throws -> [AcceptedDifference] { state.differences }

    package func foundDifferences() throws -> FoundDifferences? { state.foundDifferences }

    package func writeRepairs() throws -> String {
        change { $0.repairsWritten += 1 }
        return "/nonexistent/orders/reports/repair-leg1-pass3.sql"
    }

    package func readGatesAgain() throws {}

    package func schemaReview() throws -> SchemaReview? {
        let state = state
        return state.analysis.map { SchemaReview($0, state.decisions) }
    }

    package func databases() throws -> DatabaseForms { state.forms }

    package func keep(_ forms: DatabaseForms) throws {
        change {
            $0.forms = forms
            $0.status.environment = forms.environment
            $0.status.sourcePlace = forms.source.place
            $0.status.targetPlace = forms.target.place
        }
    }

    package func workerIsAlive() -> Bool { state.worker != nil }

    package func startWorker(sourcePassword: String?, targetPassword: String?) throws -> Int32 {
        if let reason = state.startFailure {
            change { $0.starts += 1 }
            throw RequestRefused(reason)
        }
        change { $0.startWorker(sourcePassword, targetPassword) }
        return state.worker ?? 0
    }
}

extension ConnectionForm {
    fileprivate var place: String { "\(host):\(port)/\(database)" }
}
