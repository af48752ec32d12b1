import Foundation
import Support

@testable import Engine

extension Site {
    /// Starts a worker that is a process of its own, to be killed.
    func startProcess() throws {
        // Set before anything else of this process reads it; the suites run one after the other.
        unsafe _ = setenv("SWITCHBACK_EXECUTABLE", Program.path, 1)
        processID = try migration.startWorker(sourcePassword: nil, targetPassword: nil)
    }

    /// `kill -9`, and the wait until no process holds a role's lock.
    func killProcess() throws {
        guard let processID else { return }
        kill(processID, SIGKILL)
        for _ in 0..<1000 {
            reapWorkers()
            if RoleLock.holder(directory, .capture) == nil,
                RoleLock.holder(directory, .apply) == nil
            {
                self.processID = nil
                return
            }
            usleep(5000)
        }
        throw RequestRefused("the worker does not go")
    }

    /// Begins the live migration with a worker of its own process.
    func goLiveInProcess() async throws {
        try startProcess()
        _ = try migration.leave(.startLiveMigration(jobs: 2), by: "test")
        try await awaitPhase(.streaming)
    }
}
