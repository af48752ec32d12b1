import Engine
import Synchronization

/// One attempt to start the worker, on a thread of its own: the worker may need seconds to get its roles, and
/// the screen must not wait.
final class WorkerStart: Sendable {
    private let outcome = Mutex<Result<Int32, ConsoleError>?>(nil)

    /// The process id, or why the start failed; nil while the attempt lasts.
    var result: Result<Int32, ConsoleError>? { outcome.withLock { $0 } }

    func run(_ control: any MigrationControl, sourcePassword: String?, targetPassword: String?) {
        let result: Result<Int32, ConsoleError>
        do {
            result = .success(
                try control.startWorker(sourcePassword: sourcePassword, targetPassword: targetPassword))
        } catch {
            result = .failure(ConsoleError("\(error)"))
        }
        outcome.withLock { $0 = result }
    }
}
