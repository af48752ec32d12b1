import Engine
import Foundation
import Records

/// The demo acting as the operator: it leaves requests and waits. Each wait has a name and a bound.
struct DemoOperator: Sendable {
    private static let pollSeconds = 0.05
    private static let eventsShown = 6

    let control: any MigrationControl
    let stop: StopSignal

    /// Leaves the request and waits for its end.
    @discardableResult
    func ask(_ request: Request, atMost seconds: Double) throws -> RequestRecord {
        let id = try leave(request)
        var record: RequestRecord?
        try wait(for: "the request to \(request.title)", atMost: seconds) {
            record = try control.record(of: id)
            return record.map { Self.isOver($0.state) } ?? false
        }
        guard let record, record.state == .done else {
            throw DemoError.requestFailed(request.title, answer: record?.answer ?? "its record is gone")
        }
        return record
    }

    func leave(_ request: Request) throws -> Int64 {
        do { return try control.leave(request, by: "demo@localhost demo") } catch let refusal
            as RequestRefused
        {
            throw DemoError.requestFailed(request.title, answer: refusal.reason)
        }
    }

    /// Polls until `condition` is true. An export directory that cannot be read for a moment counts as false.
    func wait(for what: String, atMost seconds: Double, until condition: () throws -> Bool) throws {
        let clock = ProcessInfo.processInfo
        let bound = clock.systemUptime + seconds
        var trouble = ""
        while true {
            if stop.isRequested { throw CancellationError() }
            do {
                if try condition() { return }
                trouble = ""
            } catch let error as DemoError {
                throw error
            } catch {
                trouble = "; \(error)"
            }
            if clock.systemUptime >= bound {
                throw DemoError.waitedTooLong(for: what, seconds: seconds, last: situation + trouble)
            }
            Thread.sleep(forTimeInterval: Self.pollSeconds)
        }
    }

    /// Waits while the application writes.
    func stream(seconds: Double) throws {
        let until = ProcessInfo.processInfo.systemUptime + seconds
        while ProcessInfo.processInfo.systemUptime < until {
            if stop.isRequested { throw CancellationError() }
            Thread.sleep(forTimeInterval: min(0.1, max(0, until - ProcessInfo.processInfo.systemUptime)))
        }
    }

    static func isOver(_ state: RequestRecord.State) -> Bool {
        switch state {
        case .waiting, .running: false
        case .done, .refused, .failed: true
        }
    }

    /// The state of the migration and its newest events, for a message.
    var situation: String {
        var parts: [String] = []
        do {
            let status = try control.status()
            parts.append("phase \(status.phase.rawValue), application \(status.route.rawValue)")
            parts.append("capture \(Self.words(status.capture?.state))")
            parts.append("apply \(Self.words(status.apply?.state))")
            if let cutover = status.cutovers.last {
                let step = cutover.steps.last { $0.state != .pending }
                parts.append(
                    "cutover \(cutover.word.rawValue) at "
                        + "\(step.map { "\($0.title) \($0.detail)" } ?? "no step")"
                )
            }
            for event in try control.events(after: 0, limit: Self.eventsShown) {
                parts.append("[\(event.level.rawValue)] \(event.origin): \(event.message)")
            }
        } catch {
            parts.append("the status cannot be read: \(error)")
        }
        return parts.joined(separator: "; ")
    }

    private static func words(_ state: RoleState?) -> String {
        guard let state else { return "unknown" }
        return state.reason.isEmpty ? state.word.rawValue : "\(state.word.rawValue) (\(state.reason))"
    }
}
