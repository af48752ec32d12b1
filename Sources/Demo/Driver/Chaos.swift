import Engine
import Foundation
import Glibc
import Synchronization

/// Kills the process named in `.apply.lock` with -9, so and so often, at random moments of every stage of a run.
final class Chaos: Sendable {
    /// The stages of a run, with how long each is worth spreading moments over.
    enum Stage: Int, CaseIterable {
        case snapshot, streaming, cutoverToTarget, fallBack, cutoverToSource, afterwards
    }

    private struct State {
        var pending: [Stage: [Double]] = [:]
        var kills = 0
        var due: [Double] = []
    }

    private let lockFile: String
    private let state: Mutex<State>
    private let stopping = StopSignal()

    init(
        kills: Int, seed: UInt64, streamSeconds: Double, lockFile: String,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.lockFile = lockFile
        var random = SeededGenerator(seed: seed)
        var pending: [Stage: [Double]] = [:]
        let stages = Stage.allCases.dropLast()
        for index in 0..<kills {
            // Every stage gets its share before any gets a second one, so that the cutovers are never spared.
            let stage = stages[index % stages.count]
            let length: Double =
                switch stage {
                case .snapshot, .cutoverToTarget, .cutoverToSource, .afterwards: 2.5
                case .streaming, .fallBack: streamSeconds
                }
            pending[stage, default: []].append(Double.random(in: 0..<length, using: &random))
        }
        state = Mutex(State(pending: pending))
        guard kills > 0 else { return }
        let thread = Thread { [weak self] in
            while let chaos = self, !chaos.stopping.isRequested {
                chaos.killIfDue(say)
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
        thread.name = "chaos"
        thread.start()
    }

    var kills: Int { state.withLock { $0.kills } }

    var isDone: Bool { state.withLock { $0.due.isEmpty && $0.pending.isEmpty } }

    func enter(_ stage: Stage) {
        let now = ProcessInfo.processInfo.systemUptime
        state.withLock { state in
            let moments = state.pending.removeValue(forKey: stage) ?? []
            state.due = (state.due + moments.map { now + $0 }).sorted()
        }
    }

    func stop() { stopping.request() }

    private func killIfDue(_ say: (String) -> Void) {
        let now = ProcessInfo.processInfo.systemUptime
        guard let moment = state.withLock({ $0.due.first }), moment <= now else { return }
        // Where no worker holds the role the kill waits for the next one.
        guard let process = readProcessID(lockFile), process != getpid(), isRunning(process),
            kill(process, SIGKILL) == 0
        else { return }
        let count = state.withLock { state in
            state.due.removeFirst()
            state.kills += 1
            return state.kills
        }
        say("killed the worker, process \(process), with -9 (kill \(count))")
    }
}
