/// Decides what a worker does next. A value: an event comes in, one action comes out.
///
/// Each turn starts the roles if they are needed, and takes at most one request.
struct WorkerCourse: Equatable {
    /// The state of the worker.
    enum State: Equatable {
        /// No role runs.
        case idle
        /// Both roles run; they were started at this number of resumes.
        case running(resumes: Int)
        /// An error ended the roles; they start again when the number of resumes has changed.
        case failed(resumes: Int)
        /// The roles end, so that `end migration` can be performed.
        case endingRoles
        /// The roles end, and the worker after them.
        case stopping
        case ended
    }

    /// An event that the worker met.
    enum Event: Equatable {
        case stopRequested
        /// The migration as the journal has it.
        case observed(Observation)
        case rolesStarted
        /// `failed` says whether an error ended them, and not a stop or their last leg.
        case rolesEnded(failed: Bool)
        case requestTaken(RequestKind)
        case noRequest
        case requestPerformed
        case waited
    }

    /// The facts of the migration that decide what the worker does.
    struct Observation: Equatable {
        /// The phase is `ended`.
        let isEnded: Bool
        /// A leg runs, one that has ended is not retired yet, or foreign keys wait to be validated.
        let needsRoles: Bool
        /// Number of times the operator has asked to resume.
        let resumes: Int
    }

    /// The kinds of request that the course distinguishes.
    enum RequestKind: Equatable {
        case endMigration
        case stopWorker
        case other
    }

    /// The next step of the worker.
    enum Action: Equatable {
        /// Read the record, and see whether the roles have ended.
        case observe
        case startRoles
        /// Stop the roles and wait for their end.
        case stopRoles
        case takeRequest
        case performRequest
        case wait
        case exit
    }

    private(set) var state = State.idle

    mutating func take(_ event: Event) -> Action {
        switch state {
        case .idle, .running, .failed: takeAtWork(event)
        case .endingRoles: takeWhileEndingRoles(event)
        case .stopping: takeWhileStopping(event)
        case .ended: .exit
        }
    }

    private mutating func takeAtWork(_ event: Event) -> Action {
        switch event {
        case .stopRequested: return stop()
        case .observed(let observation):
            if observation.isEnded { return stop() }
            switch state {
            case .running, .endingRoles, .stopping, .ended: return .takeRequest
            case .failed(let resumes) where resumes == observation.resumes: return .takeRequest
            case .idle, .failed:
                state = observation.needsRoles ? .running(resumes: observation.resumes) : .idle
                return observation.needsRoles ? .startRoles : .takeRequest
            }
        case .rolesStarted: return .takeRequest
        case .rolesEnded(let failed):
            // A resume that came while the roles failed counts for the next start.
            if case .running(let resumes) = state { state = failed ? .failed(resumes: resumes) : .idle }
            return .observe
        case .requestTaken(.other): return .performRequest
        case .requestTaken(.stopWorker): return stop()
        case .requestTaken(.endMigration):
            guard case .running = state else { return .performRequest }
            state = .endingRoles
            return .stopRoles
        case .noRequest: return .wait
        case .requestPerformed, .waited: return .observe
        }
    }

    private mutating func takeWhileEndingRoles(_ event: Event) -> Action {
        switch event {
        case .rolesEnded:
            // The error that ended the roles no longer matters.
            state = .idle
            return .performRequest
        case .stopRequested, .observed, .rolesStarted, .requestTaken, .noRequest, .requestPerformed, .waited:
            return .stopRoles
        }
    }

    private mutating func takeWhileStopping(_ event: Event) -> Action {
        switch event {
        case .rolesEnded:
            state = .ended
            return .exit
        case .stopRequested, .observed, .rolesStarted, .requestTaken, .noRequest, .requestPerformed, .waited:
            return .stopRoles
        }
    }

    /// Ends the worker, after the roles if they run.
    private mutating func stop() -> Action {
        switch state {
        case .running:
            state = .stopping
            return .stopRoles
        case .idle, .failed, .endingRoles, .stopping, .ended:
            state = .ended
            return .exit
        }
    }
}
