import Engine
import Records

/// The request to end a session that is in the way: what the operator is asked, and who does it.
struct SessionRequest {
    let control: any MigrationControl
    /// The name of the operator in the audit log.
    let by: String
    let stop: StopSignal
    let confirm: (String) throws -> Bool
    let say: (String) -> Void
    /// Does the request in this process, when no worker runs; returns its answer.
    let perform: (Request) async throws -> String

    /// Longest wait for the worker's answer.
    static let answerSeconds = 30.0

    func end(_ processID: Int, _ mode: SessionEnd.Mode) async throws {
        let request = Request.endSession(try found(processID, mode))
        if let reason = try control.refusal(of: request) { throw VerbFailure(reason) }
        guard case .endSession(let end) = request, try confirm(question(end)) else {
            say("nothing was ended")
            return
        }
        say(try control.workerIsAlive() ? await leaveAndWait(request) : await perform(request))
    }

    /// The session as it was seen on the origin. Throws if it is not in the way.
    private func found(_ processID: Int, _ mode: SessionEnd.Mode) throws -> SessionEnd {
        guard let seen = try control.status().writers else {
            throw VerbFailure(
                "the sessions on the origin were not read lately; they are read while the export runs")
        }
        guard let writer = seen.all.first(where: { $0.processID == String(processID) }) else {
            let others = seen.all.map(\.words)
            throw VerbFailure(
                "session \(processID) does not write to a migrated table of the "
                    + "\(seen.side.rawValue); "
                    + (others.isEmpty ? "no session does" : "these do: \(others.listed(max: 10))"))
        }
        if writer.processID == "0" {
            throw VerbFailure(
                "\(writer.words) has no session; its owner commits it or rolls it back on the "
                    + "\(seen.side.rawValue)")
        }
        guard let end = SessionEnd(writer, on: seen.side, mode: mode) else {
            throw VerbFailure(
                "the role may not see when \(writer.words) began, and another session might be ended: grant "
                    + "pg_read_all_stats to it")
        }
        return end
    }

    private func question(_ end: SessionEnd) -> String {
        let side = end.side.rawValue
        return switch end.mode {
        case .cancel: "Are you sure you want to cancel the statement of \(end.words) on the \(side)"
        case .terminate:
            "Are you sure you want to end \(end.words) on the \(side); its transaction is rolled back"
        }
    }

    private func leaveAndWait(_ request: Request) async throws -> String {
        let id = try control.leave(request, by: by)
        let deadline = ContinuousClock.now + .seconds(Self.answerSeconds)
        while ContinuousClock.now < deadline, !stop.isRequested {
            if let record = try control.record(of: id) {
                switch record.state {
                case .done: return record.answer
                case .refused, .failed: throw VerbFailure(record.answer)
                case .waiting, .running: break
                }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return "\(request.title): requested; the worker does it when its other requests are done"
    }
}
