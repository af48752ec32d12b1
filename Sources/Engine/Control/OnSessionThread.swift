import Records

/// A thread for blocking work outside the roles.
package actor OnSessionThread {
    private nonisolated let thread = SessionThread(name: "work")
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
        unsafe thread.asUnownedSerialExecutor()
    }

    package func run<R: Sendable>(_ body: @Sendable () throws -> R) throws -> R { try body() }
}
