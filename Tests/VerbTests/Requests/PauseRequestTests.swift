import Engine
import Synchronization
import Testing

@testable import switchback

/// What `pause` and `resume` leave and print.
@Suite struct PauseRequestTests {
    private final class Sheet: Sendable {
        private let text = Mutex<[String]>([])
        var lines: [String] { text.withLock { $0 } }
        func add(_ line: String) { text.withLock { $0.append(line) } }
    }

    private let sheet = Sheet()

    private func reading(
        _ apply: RoleState.Word, paused: Bool = false, runs: Bool = true, phase: Phase = .streaming
    ) -> MigrationStatus {
        var status = MigrationStatus(
            name: "shop", migrationUUID: "u", exportDirectory: "/e", phase: phase, isPaused: paused,
            processIDs: runs ? [.capture: 7, .apply: 7] : [:], readAt: 0)
        status.apply = ApplyStatus(direction: .forward, now: 0)
        status.apply?.state = RoleState(word: apply, reason: "the reason", since: 0)
        return status
    }

    private func request(_ control: ScriptedControl) -> PauseRequest {
        let sheet = sheet
        return PauseRequest(
            control: control, by: "me", stop: StopSignal(), say: { sheet.add($0) }, waitSecondsMax: 0.2)
    }

    @Test func `a pause is left once and awaited`() async throws {
        let control = ScriptedControl(readings: [
            reading(.streaming), reading(.streaming, paused: true), reading(.paused, paused: true),
        ])
        try await request(control).pause()
        try await request(control).pause()
        #expect(control.left == [.pause])
        let paused = "paused: no change is applied until `switchback resume`; the export continues"
        #expect(sheet.lines == [paused, "the import is paused already", paused])
    }

    @Test func `a pause that is not seen yet, in the snapshot or without a process is called that`()
        async throws
    {
        for (status, part) in [
            (reading(.streaming), "is requested"), (reading(.streaming, runs: false), "runs in no process"),
            (reading(.waiting, phase: .snapshot), "the snapshot continues"),
        ] {
            try await request(ScriptedControl(readings: [status])).pause()
            #expect(sheet.lines.last?.contains(part) == true, "\(sheet.lines)")
        }
    }

    @Test func `a pause that is not legal is refused`() async {
        let control = ScriptedControl(readings: [reading(.streaming)], refusal: "a cutover is under way")
        await #expect(throws: VerbFailure("a cutover is under way")) { try await request(control).pause() }
        #expect(control.left.isEmpty)
    }

    @Test func `a resume is left where something is paused or stopped, and nowhere else`() async throws {
        let paused = ScriptedControl(readings: [reading(.paused, paused: true), reading(.streaming)])
        try await request(paused).resume()
        try await request(paused).resume()
        #expect(paused.left == [.resume])
        #expect(
            sheet.lines == ["resumed", "nothing is paused, and no error stopped the export or the import"])
        let stopped = ScriptedControl(readings: [reading(.stopped), reading(.stopped), reading(.streaming)])
        try await request(stopped).resume()
        #expect(stopped.left == [.resume])
    }

    @Test func `a resume that an error meets again fails with the reason`() async {
        let control = ScriptedControl(readings: [reading(.stopped)])
        await #expect(throws: VerbFailure("resumed, but an error stops the migration: the reason")) {
            try await request(control).resume()
        }
    }

    @Test func `a resume says which roles run in no process`() async throws {
        let control = ScriptedControl(readings: [reading(.streaming, paused: true, runs: false)])
        try await request(control).resume()
        #expect(control.left == [.resume])
        #expect(
            sheet.lines == [
                "resumed", "the export runs in no process; start its command or `switchback worker`",
                "the import runs in no process; start its command or `switchback worker`",
            ])
    }
}
