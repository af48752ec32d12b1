import Postgres

/// A thread for blocking work outside the roles.
actor OnSessionThread {
    private nonisolated let thread = SessionThread(name: "work")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
        unsafe thread.asUnownedSerialExecutor()
    }

    func run<R: Sendable>(_ body: @Sendable () throws -> R) throws -> R { try body() }
}
