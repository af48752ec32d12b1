import Foundation
import Records

/// Publishes how far a long piece of work is, in a file that its process holds: when the work or the process
/// ends, nothing is shown any more. Nothing depends on it, and no fault of it ends the work.
package final class ProgressWriter {
    private let file: HeldFile?
    private var progress: WorkProgress
    private var writtenAt = 0.0

    private static let writeSeconds = 0.25

    /// - Parameter total: nil if it is not known
    package init(
        _ exportDirectory: String, _ kind: WorkProgress.Kind, on side: Side, _ unit: WorkProgress.Unit,
        of total: Int64?
    ) {
        let now = secondsNow()
        progress = WorkProgress(kind, on: side, unit, of: total, startedAt: now, updatedAt: now)
        // Work of the same kind on the same side is shown once.
        file = try? HeldFile(ProgressFiles.path(exportDirectory, kind, side))
        write()
    }

    package var unit: WorkProgress.Unit { progress.unit }

    deinit { file?.write(Data()) }

    /// Publishes what is done, now if another object is at work, else a few times a second.
    package func note(_ done: Int64, of total: Int64? = nil, detail: String) {
        let now = secondsNow()
        let isDue = detail != progress.detail || hasPassed(Self.writeSeconds, since: writtenAt, at: now)
        if done != progress.done { progress.updatedAt = now }
        progress.done = done
        progress.detail = detail
        if let total { progress.total = total }
        if isDue { write() }
    }

    private func write() {
        writtenAt = secondsNow()
        guard let file, let data = try? JSONEncoder().encode(progress) else { return }
        file.write(data)
    }
}

/// The files in which work publishes how far it is.
enum ProgressFiles {
    static func path(_ exportDirectory: String, _ kind: WorkProgress.Kind, _ side: Side) -> String {
        "\(exportDirectory)/metainfo/progress.\(kind.rawValue).\(side.rawValue).json"
    }

    /// What is under way now, in any process.
    static func read(_ exportDirectory: String) -> [WorkProgress] {
        WorkProgress.Kind.allCases.flatMap { kind in
            Side.allCases.compactMap { side in
                HeldFile.value(WorkProgress.self, from: path(exportDirectory, kind, side))
            }
        }
    }
}
