import Foundation
import Synchronization

/// The events of a run, for the message of a failure.
final class Trace: Sendable {
    private static let linesMax = 200
    private let began = ContinuousClock.now
    private let lines = Mutex<[String]>([])

    func note(_ text: String) {
        let seconds = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
        lines.withLock { lines in
            lines.append(String(format: "%8.3f ", seconds) + text)
            if lines.count > Self.linesMax { lines.removeFirst() }
        }
    }

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
}
