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

    private func control(
        _ writers: SeenWriters? = FakeMigration.writers(now: 0), refusal: String? = nil,
        workerRuns: Bool = true
    ) -> ScriptedControl {
        var status = FakeMigration.streaming().status
        status.writers = writers
        return ScriptedControl(readings: [status], refusal: refusal, workerRuns: workerRuns)
    }

    private func request(_ control: ScriptedControl, operatorSays answer: Bool = true) -> SessionRequest {
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

    private static let end = SessionEnd(
        side: .source, processID: 4711, startedAt: "1699990000.123456", mode: .terminate,
        words: "session 4711 (shop, batch)")

    @Test func `a session is ended by the worker, after a question`() async throws {
        let control = control()
        try await request(control).end(4711, .terminate)
        #expect(
            sheet.lines == [
                "Are you sure you want to end session 4711 (shop, batch) on the source; its transaction is "
                    + "rolled back?", "the answer",
            ])
        #expect(control.left == [.endSession(Self.end)])
    }

    @Test func `without a worker the verb ends it itself, and a no ends nothing`() async throws {
        let control = control(workerRuns: false)
        try await request(control).end(4711, .cancel)
        #expect(sheet.lines.suffix(2) == ["here: cancel session 4711 (shop, batch)", "ended here"])
        try await request(control, operatorSays: false).end(4711, .terminate)
        #expect(sheet.lines.last == "nothing was ended" && control.left.isEmpty)
    }

    @Test func `a session that is not in the way is refused before the question`() async throws {
        func refusal(_ control: ScriptedControl, _ processID: Int) async -> String? {
            do {
                try await request(control).end(processID, .terminate)
                return nil
            } catch { return "\(error)" }
        }
        #expect(
            await refusal(control(), 9)
                == "session 9 does not write to a migrated table of the source; these do: "
                + "session 4711 (shop, batch), prepared transaction night-1 (shop)")
        #expect(await refusal(control(), 0)?.contains("its owner commits it or rolls it back") == true)
        #expect(await refusal(control(nil), 4711)?.contains("were not read lately") == true)
        #expect(await refusal(control(refusal: "not now"), 4711) == "not now")
        let unseen = OpenWriter(processID: "4711", user: "", application: "", ageSeconds: nil)
        let hidden = control(SeenWriters([unseen], on: .source, readAt: 0))
        #expect(await refusal(hidden, 4711)?.contains("grant pg_read_all_stats") == true)
        #expect(sheet.lines.isEmpty)
    }
}
