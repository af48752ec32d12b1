import Engine
import Foundation
import Records
import Support
import Synchronization
import Testing

@testable import switchback

/// `end session`: what is asked, and who ends it.
@Suite struct SessionRequestTests {
    private final class Sheet: Sendable {
        private let text = Mutex<[String]>([])
        var lines: [String] { text.withLock { $0 } }
        func add(_ line: String) { text.withLock { $0.append(line) } }
    }

    private let sheet = Sheet()

    private func control(workerRuns: Bool) -> FakeMigrationControl {
        var migration = FakeMigration.streaming()
        migration.status.writers = FakeMigration.writers(now: migration.now)
        if workerRuns { migration.worker = 4001 }
        return FakeMigrationControl(migration)
    }

    private func request(_ control: FakeMigrationControl, operatorSays answer: Bool = true) -> SessionRequest
    {
        let sheet = sheet
        return SessionRequest(
            control: control, by: "ada@host end session", stop: StopSignal(),
            confirm: { question in
                sheet.add(question + "?")
                return answer
            }, say: { sheet.add($0) },
            perform: { request in
                sheet.add("here: \(request.title)")
                return "ended here"
            })
    }

    @Test func `a session is ended by the worker, after a question`() async throws {
        let control = control(workerRuns: true)
        try await request(control).end(4711, .terminate)
        #expect(
            sheet.lines == [
                "Are you sure you want to end session 4711 (shop, batch) on the source; its transaction is "
                    + "rolled back?",
                "session 4711 (shop, batch) on the source was ended",
            ])
        #expect(control.state.records.map(\.by) == ["ada@host end session"])
        #expect(control.state.status.writers?.writers.map(\.processID) == ["0"])
    }

    @Test func `without a worker the verb ends it itself, and a no ends nothing`() async throws {
        let control = control(workerRuns: false)
        try await request(control).end(4711, .cancel)
        #expect(sheet.lines.suffix(2) == ["here: cancel session 4711 (shop, batch)", "ended here"])
        try await request(control, operatorSays: false).end(4711, .terminate)
        #expect(sheet.lines.last == "nothing was ended" && control.state.records.isEmpty)
    }

    @Test func `a session that is not in the way is refused before the question`() async throws {
        let control = control(workerRuns: true)
        for (processID, words) in [
            (9, "session 9 has no open write transaction"), (0, "grant pg_read_all_stats"),
        ] {
            let error = await #expect(throws: VerbFailure.self) {
                try await request(control).end(processID, .terminate)
            }
            #expect(error.map { "\($0)".contains(words) } == true, "\(error.map { "\($0)" } ?? "")")
        }
        control.change { $0.status.writers = nil }
        let error = await #expect(throws: VerbFailure.self) {
            try await request(control).end(4711, .terminate)
        }
        #expect(error.map { "\($0)".contains("were not read lately") } == true)
        #expect(sheet.lines.isEmpty)
    }
}
