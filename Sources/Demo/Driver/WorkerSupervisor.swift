import Engine
import Foundation
import Synchronization

/// Restarts the worker whenever there is none, as an operator's service manager would. It also notes when
/// each phase began.
final class WorkerSupervisor: Sendable {
    private static let pollSeconds = 0.05

    private struct State {
        var restarts = 0
        var phases: [(phase: Phase, at: Double)] = []
        var failure: String?
    }

    private let state = Mutex(State())
    private let stopping = StopSignal()

    init(
        control: any MigrationControl, sourcePassword: String, targetPassword: String,
        say: @escaping @Sendable (String) -> Void
    ) throws {
        _ = try control.startWorker(sourcePassword: sourcePassword, targetPassword: targetPassword)
        let thread = Thread { [weak self] in
            while let supervisor = self, !supervisor.stopping.isRequested {
                // A failed reading is repeated in a moment; the restart does not need the phase.
                let phase = (try? control.status())?.phase
                if let phase { supervisor.note(phase) }
                if phase != .ended, !control.workerIsAlive(), !supervisor.stopping.isRequested {
                    do {
                        let process = try control.startWorker(
                            sourcePassword: sourcePassword, targetPassword: targetPassword)
                        let count = supervisor.state.withLock { state in
                            state.restarts += 1
                            return state.restarts
                        }
                        say("the worker was gone; it was restarted as process \(process) (restart \(count))")
                    } catch {
                        let isNew = supervisor.state.withLock { state in
                            defer { state.failure = "\(error)" }
                            return state.failure != "\(error)"
                        }
                        if isNew { say("the worker could not be started: \(error)") }
                    }
                }
                Thread.sleep(forTimeInterval: Self.pollSeconds)
            }
        }
        thread.name = "supervisor"
        thread.start()
    }

    var restarts: Int { state.withLock { $0.restarts } }

    /// The phases in their order with their seconds; the last one up to now.
    var durations: [(phase: Phase, seconds: Double)] {
        let phases = state.withLock { $0.phases }
        let ends = phases.dropFirst().map(\.at) + [ProcessInfo.processInfo.systemUptime]
        return zip(phases, ends).map { ($0.phase, $1 - $0.at) }
    }

    func stop() { stopping.request() }

    private func note(_ phase: Phase) {
        state.withLock { state in
            if state.phases.last?.phase != phase {
                state.phases.append((phase, ProcessInfo.processInfo.systemUptime))
            }
        }
    }
}
