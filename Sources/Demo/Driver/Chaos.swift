import Engine
import Foundation
import Glibc
import Synchronization

/// Kills the process named in `.apply.lock` with -9, a given number of times, at random moments of all parts
/// of a run.
final class Chaos: Sendable {
    /// The parts of a run.
    enum Part: Int, CaseIterable {
        case snapshot, streaming, cutoverToTarget, fallBack, cutoverToSource, afterwards
    }

    private struct State {
        var pending: [Part: [Double]] = [:]
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
        var pending: [Part: [Double]] = [:]
        let parts = Part.allCases.dropLast()
        for index in 0..<kills {
            // Every part gets one kill before any gets a second one, so that the cutovers are never left out.
            let part = parts[index % parts.count]
            let length: Double =
                switch part {
                case .snapshot, .cutoverToTarget, .cutoverToSource, .afterwards: 2.5
                case .streaming, .fallBack: streamSeconds
                }
            pending[part, default: []].append(Double.random(in: 0..<length, using: &random))
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

    func enter(_ part: Part) {
        let now = ProcessInfo.processInfo.systemUptime
        state.withLock { state in
            let moments = state.pending.removeValue(forKey: part) ?? []
            state.due = (state.due + moments.map { now + $0 }).sorted()
        }
    }

    func stop() { stopping.request() }

    private func killIfDue(_ say: (String) -> Void) {
        let now = ProcessInfo.processInfo.systemUptime
        guard let moment = state.withLock({ $0.due.first }), moment <= now else { return }
        // If no worker has the role, the kill waits for the next worker.
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
