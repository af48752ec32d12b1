import Engine
import Foundation
import Postgres
import Records

/// A monitor of the indexes that another session builds, on a thread and a connection of its own. It
/// publishes how far a build is. No fault of it disturbs the import.
final class IndexBuildMonitor {
    private let thread: SideThread<Int, Void>
    private let stop: StopSignal
    private var isBegun = false

    private static let pollMicroseconds: UInt32 = 200_000
    private static let session = "index builds"

    init(_ context: RoleContext, _ side: Side) {
        let stop = StopSignal(partOf: context.stop)
        self.stop = stop
        thread = SideThread(name: "index builds") {
            { processID in
                do {
                    let connection = try context.connect(side, as: Self.session)
                    var shown: (relation: String, progress: ProgressWriter)?
                    while !stop.isRequested {
                        usleep(Self.pollMicroseconds)
                        let build = try connection.indexBuild(ofProcess: processID)
                        let unit: WorkProgress.Unit = build?.countsBlocks == true ? .blocks : .rows
                        // Another index, or another thing that is counted, has a rate of its own.
                        if shown?.relation != build?.relation || shown?.progress.unit != unit { shown = nil }
                        guard let build else { continue }
                        let current =
                            shown
                            ?? (
                                build.relation,
                                ProgressWriter(
                                    context.exportDirectory, .indexBuild, on: side, unit, of: build.total)
                            )
                        shown = current
                        current.1.note(
                            build.done, of: build.total, detail: "\(build.relation): \(build.phase)")
                    }
                } catch {
                    context.log(.info, "schema", "how far index builds are is not shown: \(error)")
                }
            }
        }
    }

    /// Waits for the end of its session, which takes about as long as one poll.
    deinit {
        stop.request()
        do { _ = try thread.take(wait: true) } catch {
            // The work throws no error.
        }
    }

    /// Begins to watch a session, once.
    func watch(process processID: Int) {
        guard !isBegun else { return }
        isBegun = true
        thread.begin(processID)
    }
}
