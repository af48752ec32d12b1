import Foundation

/// Runs blocking work on a thread of its own, so that no thread of the shared pool waits for a server.
func onOwnThread<Value: Sendable>(_ name: String, _ work: @escaping @Sendable () throws -> Value) async throws
    -> Value
{
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Result(catching: work)) }
        thread.name = name
        thread.stackSize = 4 << 20
        thread.start()
    }
}
