import Engine
import Foundation
import Records
import Testing

@testable import Demo

/// A migration that makes no progress.
private struct StandingControl: MigrationControl {
    func status() throws -> MigrationStatus {
        MigrationStatus(name: "x", migrationUUID: "u", exportDirectory: "/x", phase: .snapshot, readAt: 0)
    }
    func incidents(limit: Int) throws -> [Incident] { [] }
    func events(after id: Int64, limit: Int) throws -> [LogEvent] {
        [LogEvent(id: 1, at: 0, level: .error, origin: "capture", message: "the slot is lost")]
    }
    func leave(_ request: Request, by: String, seen plan: PlanHash?) throws -> Int64 {
        if case .pause = request { throw RequestRefused("nothing to pause") }
        return 1
    }
    func takeWheel() throws {}
    func record(of request: Int64) throws -> RequestRecord? { nil }
    func openRecords() throws -> [RequestRecord] { [] }
    func newestRecord(titled title: String) throws -> RequestRecord? { nil }
    func plan(for request: Request) throws -> [PlanLine] { [] }
    func offeredTables() throws -> [OfferedTable]? { nil }
    func refusal(of request: Request) throws -> String? { nil }
    func gates(for options: CutoverOptions) throws -> [Gate] { [] }
    func openDifferences() throws -> [AcceptedDifference] { [] }
    func schemaReview() -> SchemaReview? { nil }
    func foundDifferences() throws -> FoundDifferences? { nil }
    func writeRepairs() throws -> String { throw RequestRefused("nothing was found") }
    func readGatesAgain() throws {}
    func databases() throws -> DatabaseForms { .empty }
    func keep(_ forms: DatabaseForms) throws {}
    func workerIsAlive() -> Bool { false }
    func startWorker(sourcePassword: String?, targetPassword: String?) throws -> Int32 { 0 }
}

struct DemoOperatorTests {
    private let demoOperator = DemoOperator(control: StandingControl(), stop: StopSignal())

    @Test func `a wait that reaches its bound says what it waited for and the migration's last events`()
        throws
    {
        let error = #expect(throws: DemoError.self) {
            try demoOperator.wait(for: "the snapshot's end", atMost: 0.01) { false }
        }
        let text = try #require(error).description
        #expect(text.contains("the snapshot's end"))
        #expect(text.contains("phase snapshot"))
        #expect(text.contains("the slot is lost"))
    }

    @Test func `a refused request ends with the engine's own words`() {
        #expect(throws: DemoError.requestFailed("pause", answer: "nothing to pause")) {
            try demoOperator.ask(.pause, atMost: 1)
        }
    }

    @Test func `an interruption ends every wait`() {
        let stop = StopSignal()
        stop.request()
        #expect(throws: CancellationError.self) {
            try DemoOperator(control: StandingControl(), stop: stop).wait(for: "anything", atMost: 60) {
                false
            }
        }
    }
}
