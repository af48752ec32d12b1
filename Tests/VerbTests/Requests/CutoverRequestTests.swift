import Engine
import Foundation
import Records
import Synchronization
import Testing

@testable import switchback

/// A migration with given answers, which remembers the requests.
final class ScriptedControl: MigrationControl {
    private struct State {
        var readings: [MigrationStatus]
        var left: [Request] = []
        var refusal: String?
        /// The number of questions that are refused; nil for all.
        var refusalsLeft: Int?
        var answer: RequestRecord.State = .done
        var workerRuns = false
    }

    private let state: Mutex<State>

    /// Each reading of the status returns the next of `readings`; the last one is repeated.
    init(
        readings: [MigrationStatus], refusal: String? = nil, refusalsLeft: Int? = nil,
        answer: RequestRecord.State = .done, workerRuns: Bool = false
    ) {
        state = Mutex(
            State(
                readings: readings, refusal: refusal, refusalsLeft: refusalsLeft, answer: answer,
                workerRuns: workerRuns))
    }

    var left: [Request] { state.withLock { $0.left } }

    func status() -> MigrationStatus {
        state.withLock { $0.readings.count > 1 ? $0.readings.removeFirst() : $0.readings[0] }
    }
    func incidents(limit: Int) throws -> [Incident] { [] }
    func events(after id: Int64, limit: Int) -> [Engine.LogEvent] { [] }
    func leave(_ request: Request, by: String, seen plan: PlanHash?) -> Int64 {
        state.withLock {
            $0.left.append(request)
            return Int64($0.left.count)
        }
    }
    func takeWheel() {}
    func record(of request: Int64) -> RequestRecord? {
        state.withLock {
            RequestRecord(
                id: request, request: $0.left[Int(request) - 1], by: "", askedAt: 0, state: $0.answer,
                answer: "the answer", lines: [], checks: [], issues: [])
        }
    }
    func openRecords() -> [RequestRecord] { [] }
    func newestRecord(titled title: String) -> RequestRecord? { nil }
    func plan(for request: Request) -> [PlanLine] { [] }
    func offeredTables() -> [OfferedTable]? { nil }
    func refusal(of request: Request) -> String? {
        state.withLock { state in
            if let left = state.refusalsLeft {
                if left == 0 { return nil }
                state.refusalsLeft = left - 1
            }
            return state.refusal
        }
    }
    func gates(for options: CutoverOptions) -> [Gate] {
        state.withLock { $0.readings[0].gates }.map { gate in
            var gate = gate
            gate.waiver = options.waivers.last { $0.gate == gate.name }
            return gate
        }
    }
    func openDifferences() -> [AcceptedDifference] { [] }
    func schemaReview() -> SchemaReview? { nil }
    func foundDifferences() -> FoundDifferences? { nil }
    func writeRepairs() throws -> String { throw RequestRefused("nothing was found") }
    func readGatesAgain() {}
    func databases() -> DatabaseForms { .empty }
    func keep(_ forms: DatabaseForms) {}
    func workerIsAlive() -> Bool { state.withLock { $0.workerRuns } }
    func startWorker(sourcePassword: String?, targetPassword: String?) -> Int32 { 0 }
}

@Suite struct CutoverRequestTests {
    private final class Sheet: Sendable {
        private let text = Mutex<[String]>([])
        var lines: [String] { text.withLock { $0 } }
        func add(_ line: String) { text.withLock { $0.append(line) } }
    }

    private let sheet = Sheet()
    private let options = CutoverOptions(to: .target, verify: false)

    private func reading(_ cutover: CutoverStatus?) -> MigrationStatus {
        MigrationStatus(
            name: "shop", migrationUUID: "u", exportDirectory: "/e", phase: .streaming,
            cutovers: cutover.map { [$0] } ?? [], readAt: 0)
    }

    private func request(_ control: ScriptedControl, operatorSays answer: Bool = true) -> CutoverRequest {
        let sheet = sheet
        return CutoverRequest(
            control: control, by: "me", stop: StopSignal(),
            confirm: { question in
                sheet.add(question + "?")
                return answer
            }, say: { sheet.add($0) })
    }

    @Test func `a cutover is requested once`() async throws {
        let control = ScriptedControl(readings: [
            reading(nil), reading(CutoverStatus(to: .target, word: .initiated)),
        ])
        try await request(control).initiate(options, waits: false)
        try await request(control).initiate(options, waits: false)
        #expect(control.left == [.initiateCutover(options)])
        #expect(
            sheet.lines == [
                "Are you sure you want to initiate cutover to target?",
                "cutover to target initiated, wait for it to complete", "cutover to target already initiated",
            ])
    }

    @Test func `a cutover of the next round is requested, although the last one to that side has completed`()
        async throws
    {
        let control = ScriptedControl(readings: [reading(CutoverStatus(to: .target, word: .completed))])
        try await request(control).initiate(options, waits: false)
        #expect(control.left == [.initiateCutover(options)])
        var after = reading(CutoverStatus(to: .target, word: .completed))
        after.phase = .fallBack
        let late = ScriptedControl(readings: [after])
        try await request(late).initiate(options, waits: false)
        #expect(late.left == [] && sheet.lines.last == "cutover to target already initiated")
    }

    @Test func `a red gate refuses before the question, and a waived one is named and lets it through`()
        async throws
    {
        var red = reading(nil)
        red.gates = [
            Gate(
                .indexes, title: "The indexes are equal", .red, found: "index i is missing", remedy: "make it"
            )
        ]
        let control = ScriptedControl(readings: [red])
        let error = await #expect(throws: VerbFailure.self) {
            try await request(control).initiate(options, waits: false)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("indexes (red): index i is missing"))
        #expect(control.left.isEmpty && sheet.lines.isEmpty)
        var waiving = options
        waiving.waivers = [try GateWaiver(parsing: "indexes=built at night")]
        try await request(control).initiate(waiving, waits: false)
        #expect(control.left == [.initiateCutover(waiving)])
        #expect(sheet.lines.first == "gate indexes is red, waived (built at night): index i is missing")
    }

    @Test func `declining leaves no request and is not a failure`() async throws {
        let control = ScriptedControl(readings: [reading(nil)])
        try await request(control, operatorSays: false).initiate(options, waits: true)
        #expect(control.left.isEmpty)
        #expect(sheet.lines.last == "Aborting cutover to target")
    }

    @Test func `a cutover that is not legal is refused before the question`() async throws {
        let control = ScriptedControl(readings: [reading(nil)], refusal: "the snapshot is not done")
        await #expect(throws: VerbFailure("the snapshot is not done")) {
            try await request(control).initiate(options, waits: false)
        }
        #expect(sheet.lines.isEmpty)
        #expect(control.left.isEmpty)
    }

    @Test func `a cutover that was aborted can be requested again`() async throws {
        let control = ScriptedControl(readings: [reading(CutoverStatus(to: .target, word: .aborted))])
        try await request(control).initiate(options, waits: false)
        #expect(control.left.count == 1)
    }

    @Test func `waiting ends when the cutover has completed`() async throws {
        let step = CutoverStepStatus(title: "Drain", state: .running)
        let control = ScriptedControl(readings: [
            reading(nil), reading(CutoverStatus(to: .target, word: .initiated, steps: [step])),
            reading(CutoverStatus(to: .target, word: .completed)),
        ])
        try await request(control).initiate(options, waits: true)
        #expect(sheet.lines.suffix(2) == ["running: Drain", "cutover to target completed"])
    }

    @Test func `waiting ends in a failure when the cutover was aborted`() async throws {
        let control = ScriptedControl(readings: [
            reading(nil),
            reading(CutoverStatus(to: .target, word: .aborted, abortReason: "the source is not quiet")),
        ])
        await #expect(throws: VerbFailure("cutover to target was aborted: the source is not quiet")) {
            try await request(control).initiate(options, waits: true)
        }
    }

    @Test func `a wait for an approval ends when the cutover is aborted, with the reason`() async throws {
        var cutover = CutoverStatus(to: .target, word: .initiated, requestedAt: 1)
        cutover.requiresApproval = true
        var aborted = cutover
        (aborted.word, aborted.abortReason) = (.aborted, "not quiet")
        let control = ScriptedControl(
            readings: [reading(cutover), reading(aborted)], refusal: "it does not wait yet")
        await #expect(throws: VerbFailure("cutover to target was aborted: not quiet")) {
            try await request(control).approve(waits: true)
        }
        #expect(control.left.isEmpty)
    }

    @Test func `a cutover that is being aborted is not initiated, and the reason is said`() async {
        let cutover = CutoverStatus(
            to: .target, word: .initiated, requestedAt: 1, abortReason: "not quiet")
        let control = ScriptedControl(readings: [reading(cutover)])
        let failure = await #expect(throws: VerbFailure.self) {
            try await request(control).initiate(options, waits: true)
        }
        #expect(failure?.message.contains("is being aborted: not quiet") == true)
        #expect(control.left.isEmpty)
    }

    @Test func `an approval waits until it is awaited and says the current step, or is refused at once`()
        async throws
    {
        var cutover = CutoverStatus(
            to: .target, word: .initiated, steps: [CutoverStepStatus(title: "Drain", state: .running)])
        cutover.requiresApproval = true
        let control = ScriptedControl(
            readings: [reading(cutover)], refusal: "it does not wait yet", refusalsLeft: 3)
        try await request(control).approve(waits: true)
        #expect(control.left == [.approveRelease])
        #expect(sheet.lines == ["waiting until the cutover to target awaits approval: Drain", "the answer"])
        // A cutover without approval, or no cutover, never awaits one.
        cutover.requiresApproval = false
        for status in [reading(cutover), reading(nil)] {
            let refusing = ScriptedControl(readings: [status], refusal: "it waits for no approval")
            await #expect(throws: VerbFailure("it waits for no approval")) {
                try await request(refusing).approve(waits: true)
            }
        }
    }

    @Test func `abort and approve print the answer of the process that did it`() async throws {
        let control = ScriptedControl(readings: [reading(nil)])
        try await request(control).abort()
        try await request(control).approve()
        #expect(control.left == [.abortCutover, .approveRelease])
        #expect(sheet.lines == ["Are you sure you want to abort the cutover?", "the answer", "the answer"])
        let refusing = ScriptedControl(readings: [reading(nil)], answer: .refused)
        await #expect(throws: VerbFailure("the answer")) { try await request(refusing).approve() }
    }
}

@Suite struct PromptTests {
    @Test(
        arguments: zip(
            ["y", "Y", "yes", " YES ", "n", "", "yeah"], [true, true, true, true, false, false, false]))
    func `only y and yes mean yes`(answer: String, isYes: Bool) throws {
        #expect(try Prompt.confirm("Continue", yes: false, read: { answer }) == isYes)
    }

    @Test func `the flag answers for the operator`() throws {
        #expect(try Prompt.confirm("Continue", yes: true, read: { nil }))
    }

    @Test func `a closed input ends the verb with exit code 2`() {
        let failure = #expect(throws: VerbFailure.self) {
            try Prompt.confirm("Continue", yes: false, read: { nil })
        }
        #expect(failure?.exitCode == 2)
    }
}
