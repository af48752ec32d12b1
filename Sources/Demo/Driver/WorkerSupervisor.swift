import Engine
import Foundation
import Synchronization

/// Keeps a worker on the migration: starts another whenever there is none, as an operator's service manager would. It also
/// notes when each phase began.
final class WorkerSupervisor: Sendable {
    private static let pollSeconds = 0.05
    private static let startSeconds = 10.0

    private struct State {
        var restarts = 0
        var phases: [(phase: Phase, at: Double)] = []
    }

    private let state = Mutex(State())
    private let stopping = StopSignal()

    init(
        room: any ControlRoom, sourcePassword: String, targetPassword: String,
        say: @escaping @Sendable (String) -> Void
    ) throws {
        let first = try room.startWorker(sourcePassword: sourcePassword, targetPassword: targetPassword)
        let thread = Thread { [weak self] in
            Self.awaitWorker(first, room)
            while let supervisor = self, !supervisor.stopping.isRequested {
                let phase = (try? room.status())?.phase
                if let phase { supervisor.note(phase) }
                if phase != .ended, !room.workerIsAlive(), !supervisor.stopping.isRequested {
                    do {
                        let process = try room.startWorker(
                            sourcePassword: sourcePassword, targetPassword: targetPassword)
                        let count = supervisor.state.withLock { state in
                            state.restarts += 1
                            return state.restarts
                        }
                        say("the worker was gone; started it again as process \(process) (restart \(count))")
                        Self.awaitWorker(process, room)
                    } catch {
                        say("the worker cannot be started: \(error)")
                        Thread.sleep(forTimeInterval: 1)
                    }
                }
                Thread.sleep(forTimeInterval: Self.pollSeconds)
            }
        }
        thread.name = "supervisor"
        thread.start()
    }

    var restarts: Int { state.withLock { $0.restarts } }

    /// Each phase with the seconds it took, in the order they came; the last one up to now.
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

    /// A worker that has just been started needs a moment to take its roles; it may also be killed before that.
    private static func awaitWorker(_ process: Int32, _ room: any ControlRoom) {
        let bound = ProcessInfo.processInfo.systemUptime + startSeconds
        while !room.workerIsAlive(), isRunning(process), ProcessInfo.processInfo.systemUptime < bound {
            Thread.sleep(forTimeInterval: pollSeconds)
        }
    }
}
