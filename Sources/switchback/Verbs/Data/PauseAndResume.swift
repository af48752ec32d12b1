import ArgumentParser
import Engine

/// `pause`: pauses the import. Repeated, it changes nothing.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pause the import of changes; the export continues to write to the queue.")

    @OptionGroup var global: GlobalFlags

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        StopRequests.endInGoodOrder()
        try await start.pauseRequest.pause()
    }
}

/// `resume`: continues a paused import, and tries roles of a worker again that an error stopped. Repeated, it
/// changes nothing.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Continue a paused import, or roles of the worker that an error stopped.")

    @OptionGroup var global: GlobalFlags

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        StopRequests.endInGoodOrder()
        try await start.pauseRequest.resume()
    }
}

/// The requests to pause and to resume: what is left for the process that runs the import, and what is
/// printed.
struct PauseRequest {
    let control: any MigrationControl
    /// The name of the operator in the audit log.
    let by: String
    let stop: StopSignal
    let say: (String) -> Void

    /// Longest wait for the import to pause or to continue. It first completes the transaction under way.
    var waitSecondsMax = 30.0

    func pause() async throws {
        if try control.status().isPaused {
            say("the import is paused already")
        } else {
            if let reason = try control.refusal(of: .pause) { throw VerbFailure(reason) }
            _ = try control.leave(.pause, by: by)
        }
        let status = try await status { $0.processIDs[.apply] == nil || $0.apply?.state.word == .paused }
        if status.phase == .snapshot {
            say("paused: the snapshot continues; changes are not applied until `switchback resume`")
        } else if status.processIDs[.apply] == nil {
            say("paused: the import runs in no process; it applies nothing until `switchback resume`")
        } else if status.apply?.state.word == .paused {
            say("paused: no change is applied until `switchback resume`; the export continues")
        } else {
            say("a pause is requested: the import first completes the transaction that it applies")
        }
    }

    func resume() async throws {
        let before = try control.status()
        let isStopped = [before.capture?.state.word, before.apply?.state.word].contains(.stopped)
        if let reason = try control.refusal(of: .resume) { throw VerbFailure(reason) }
        guard before.isPaused || isStopped else {
            say("nothing is paused, and no error stopped the export or the import")
            return sayAbsent(before)
        }
        _ = try control.leave(.resume, by: by)
        let status = try await status { status in
            status.processIDs[.apply] == nil
                || ![.paused, .stopped].contains(status.apply?.state.word ?? .streaming)
                    && status.capture?.state.word != .stopped
        }
        let stopped = [status.capture?.state, status.apply?.state].compactMap(\.self).first {
            $0.word == .stopped
        }
        if let stopped, status.processIDs[.apply] != nil {
            throw VerbFailure("resumed, but an error stops the migration: \(stopped.reason)")
        }
        say("resumed")
        sayAbsent(status)
    }

    /// Says which roles run in no process: a request starts none.
    private func sayAbsent(_ status: MigrationStatus) {
        for role in MigrationHealth(status).roles where role.processID == nil {
            say("the \(role.name) runs in no process; start its command or `switchback worker`")
        }
    }

    /// Returns the first status that fulfils a condition, or the last one before the wait ends.
    private func status(_ condition: (MigrationStatus) -> Bool) async throws -> MigrationStatus {
        let deadline = ContinuousClock.now + .seconds(waitSecondsMax)
        while true {
            let status = try control.status()
            if condition(status) || status.phase == .snapshot || stop.isRequested
                || ContinuousClock.now >= deadline
            {
                return status
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

extension VerbStart {
    var pauseRequest: PauseRequest {
        let log = log
        return PauseRequest(
            control: migration, by: operatorName, stop: StopRequests.signal,
            say: { line in
                log.notice("\(line)")
                Terminal.output.line(line)
            })
    }
}
