import Testing

@testable import Engine

@Suite struct WorkerCourseTests {
    typealias Event = WorkerCourse.Event
    typealias Action = WorkerCourse.Action
    typealias State = WorkerCourse.State

    private static func observed(ended: Bool = false, needsRoles: Bool = true, resumes: Int = 3) -> Event {
        .observed(.init(isEnded: ended, needsRoles: needsRoles, resumes: resumes))
    }

    /// Every kind of event, in the order of the tables below.
    private static let events: [Event] = [
        .stopRequested, observed(ended: true), observed(needsRoles: false), observed(), observed(resumes: 4),
        .rolesStarted, .rolesEnded(failed: false), .rolesEnded(failed: true), .requestTaken(.endMigration),
        .requestTaken(.stopWorker), .requestTaken(.other), .noRequest, .requestPerformed, .waited,
    ]

    /// Checks what a course in the state that `events` lead to makes of each event.
    private func check(
        _ state: State, after way: [Event], _ expected: [(Action, State)],
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(expected.count == Self.events.count, sourceLocation: location)
        for (event, (action, next)) in zip(Self.events, expected) {
            var course = WorkerCourse()
            for step in way { _ = course.take(step) }
            #expect(course.state == state, sourceLocation: location)
            #expect(course.take(event) == action, "\(event)", sourceLocation: location)
            #expect(course.state == next, "\(event)", sourceLocation: location)
        }
    }

    @Test func `a worker without roles starts them when a leg needs them`() {
        check(
            .idle, after: [],
            [
                (.exit, .ended), (.exit, .ended), (.takeRequest, .idle), (.startRoles, .running(resumes: 3)),
                (.startRoles, .running(resumes: 4)), (.takeRequest, .idle), (.observe, .idle),
                (.observe, .idle), (.performRequest, .idle), (.exit, .ended), (.performRequest, .idle),
                (.wait, .idle), (.observe, .idle), (.observe, .idle),
            ])
    }

    @Test func `roles that run are ended before the migration or the worker is ended`() {
        let running = State.running(resumes: 3)
        check(
            running, after: [Self.observed()],
            [
                (.stopRoles, .stopping), (.stopRoles, .stopping), (.takeRequest, running),
                (.takeRequest, running), (.takeRequest, running), (.takeRequest, running), (.observe, .idle),
                (.observe, .failed(resumes: 3)), (.stopRoles, .endingRoles), (.stopRoles, .stopping),
                (.performRequest, running), (.wait, running), (.observe, running), (.observe, running),
            ])
    }

    @Test func `roles that failed start again only after the operator has resumed`() {
        let failed = State.failed(resumes: 3)
        check(
            failed, after: [Self.observed(), .rolesEnded(failed: true)],
            [
                (.exit, .ended), (.exit, .ended), (.takeRequest, failed), (.takeRequest, failed),
                (.startRoles, .running(resumes: 4)), (.takeRequest, failed), (.observe, failed),
                (.observe, failed), (.performRequest, failed), (.exit, .ended), (.performRequest, failed),
                (.wait, failed), (.observe, failed), (.observe, failed),
            ])
    }

    @Test func `a resume that came while the roles failed starts them`() {
        var course = WorkerCourse()
        #expect(course.take(Self.observed(resumes: 3)) == .startRoles)
        #expect(course.take(.rolesEnded(failed: true)) == .observe)
        #expect(course.take(Self.observed(resumes: 4)) == .startRoles)
    }

    @Test func `the migration is ended when the roles have ended, whatever ended them`() {
        let way = [Self.observed(), .requestTaken(.endMigration)]
        check(
            .endingRoles, after: way,
            Self.events.map { event in
                if case .rolesEnded = event { (.performRequest, .idle) } else { (.stopRoles, .endingRoles) }
            })
    }

    @Test func `a worker exits when its roles have ended`() {
        check(
            .stopping, after: [Self.observed(), .stopRequested],
            Self.events.map { event in
                if case .rolesEnded = event { (.exit, .ended) } else { (.stopRoles, .stopping) }
            })
    }

    @Test func `a worker that has ended does nothing more`() {
        check(.ended, after: [.stopRequested], Self.events.map { _ in (.exit, .ended) })
    }
}
