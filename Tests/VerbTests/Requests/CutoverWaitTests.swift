import Engine
import Testing

@testable import switchback

/// The wait for a cutover, reading by reading.
@Suite struct CutoverWaitTests {
    /// The readings of a cutover to the target.
    private struct Course {
        var cutover = CutoverStatus(to: .target, word: .initiated, requestedAt: 1)
        var processes: [Role: Int32] = [.capture: 7, .apply: 7]
        var states: (capture: RoleState.Word, apply: RoleState.Word) = (.streaming, .streaming)
        /// Time of the roles' last publication; nil for the time of the reading.
        var publishedAt: Double?
        var wait = CutoverWait(to: .target)

        init() { cutover.id = "a" }

        mutating func read(at now: Double) -> (lines: [String], outcome: CutoverWait.Outcome) {
            var capture = CaptureStatus(direction: .forward, slotName: "s", now: publishedAt ?? now)
            capture.state = RoleState(word: states.capture, reason: "why", since: 0)
            var apply = ApplyStatus(direction: .forward, now: publishedAt ?? now)
            apply.state = RoleState(word: states.apply, reason: "why", since: 0)
            return wait.take(
                MigrationStatus(
                    name: "shop", migrationUUID: "u", exportDirectory: "/e", phase: .cutoverToTarget,
                    processIDs: processes, capture: capture, apply: apply, cutovers: [cutover], readAt: now))
        }
    }

    private func failure(_ outcome: CutoverWait.Outcome) -> VerbFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }

    @Test func `an abort is said when it begins and ends the wait with code 1 when it is done`() throws {
        var course = Course()
        #expect(course.read(at: 0).outcome == .waits)
        course.cutover.steps = [CutoverStepStatus(title: "Drain", state: .failed, hasFailed: true)]
        course.cutover.abortReason = "900 s have passed"
        #expect(
            course.read(at: 1).lines
                == ["failed: Drain", "the cutover is being aborted: 900 s have passed"])
        #expect(course.read(at: 2).lines == [])
        course.cutover.word = .aborted
        let failed = try #require(failure(course.read(at: 3).outcome))
        #expect(failed.exitCode == 1)
        #expect(
            failed.message
                == "cutover to target was aborted: 900 s have passed; the step that failed: Drain")
    }

    @Test func `an attempt that another one has replaced was aborted`() throws {
        var course = Course()
        #expect(course.read(at: 0).outcome == .waits)
        course.cutover.id = "b"
        #expect(
            try #require(failure(course.read(at: 1).outcome)).message.contains("was aborted, and another"))
    }

    @Test func `a role without a process is said after a moment, and ends the wait with code 4`() throws {
        var course = Course()
        course.processes[.apply] = nil
        #expect(course.read(at: 0).lines == [])
        #expect(course.read(at: 2).lines == [])
        #expect(course.read(at: 3).lines.first?.contains("the import runs in no process") == true)
        #expect(course.read(at: 62).lines == [])
        #expect(course.read(at: 63).lines.count == 1)
        #expect(course.read(at: 299).outcome == .waits)
        // Started again, it has its time anew.
        course.processes[.apply] = 8
        #expect(course.read(at: 300).outcome == .waits)
        course.processes[.apply] = nil
        #expect(course.read(at: 301).outcome == .waits)
        let failed = try #require(failure(course.read(at: 601).outcome))
        #expect(failed.exitCode == 4 && failed.message.contains("is still initiated"))
    }

    @Test func `a role that an error stopped is said at once and ends the wait with code 1`() throws {
        var course = Course()
        course.states.apply = .stopped
        course.cutover.abortReason = "asked for"
        #expect(course.read(at: 10).lines.contains { $0.contains("an error stopped the import: why") })
        #expect(course.read(at: 39).outcome == .waits)
        let failed = try #require(failure(course.read(at: 40).outcome))
        #expect(failed.exitCode == 1 && failed.message.contains("is being aborted (asked for)"))
    }

    @Test func `a role that waits for its server is said each minute and ends nothing`() {
        var course = Course()
        course.states.capture = .retrying
        let readings = (0...600).map { course.read(at: Double($0)) }
        #expect(readings.allSatisfy { $0.outcome == .waits })
        #expect(readings.flatMap(\.lines).count == 11)
    }

    @Test func `a process that publishes nothing is said each minute`() {
        var course = Course()
        course.publishedAt = 0
        #expect(course.read(at: 59).lines == [])
        #expect(course.read(at: 60).lines.first?.contains("the process of the export has published") == true)
        #expect(course.read(at: 119).lines == [] && course.read(at: 120).lines.count == 1)
    }

    @Test func `a clock that is set back ends no wait`() {
        var course = Course()
        course.processes[.capture] = nil
        #expect(course.read(at: 1000).outcome == .waits)
        #expect(course.read(at: 10).outcome == .waits)
        #expect(course.read(at: 300).outcome == .waits)
    }
}
