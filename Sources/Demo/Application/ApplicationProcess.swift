import Engine
import Foundation
import Glibc
import Postgres
import Synchronization

/// The settings that the application's process reads from its directory. The password comes from the
/// environment.
struct ApplicationPlan: Codable {
    static let passwordVariable = "SWITCHBACK_DEMO_PASSWORD"
    static let fileName = "application.json"

    let source: ConnectionParameters
    let target: ConnectionParameters
    let exportDirectory: String
    let seed: UInt64
}

/// The running application, as the demo controls it.
protocol RunningApplication: Sendable {
    /// Asks it to stop and waits for its end. Returns a sentence if it failed.
    func stop() throws -> String?

    /// Ends it at once; does nothing if it has ended.
    func end()
}

/// The application as a child process of the demo.
final class ApplicationProcess: RunningApplication {
    private static let stopSeconds = 20.0
    private let hasEnded = Mutex(false)

    let directory: String
    private let program: SpawnedProgram

    init(directory: String, rate: Double, plan: ApplicationPlan, password: String, executable: String) throws
    {
        self.directory = directory
        try JSONEncoder().encode(plan).write(
            to: URL(fileURLWithPath: directory + "/" + ApplicationPlan.fileName), options: .atomic)
        var environment = ProcessInfo.processInfo.environment
        environment[ApplicationPlan.passwordVariable] = password
        program = try SpawnedProgram(
            [executable, "demo-application", "--dir", directory, "--rate", String(rate)],
            in: directory,
            output: directory + "/application.log", environment: environment)
        try "\(program.processID)\n".write(
            toFile: directory + "/application.pid", atomically: true, encoding: .utf8)
    }

    func stop() throws -> String? {
        guard FileManager.default.createFile(atPath: directory + "/stop", contents: nil) else {
            throw DemoError.directoryUnusable(
                directory, reason: "the file that stops the application cannot be written")
        }
        let bound = ProcessInfo.processInfo.systemUptime + Self.stopSeconds
        while ProcessInfo.processInfo.systemUptime < bound {
            if let status = program.statusIfEnded() {
                hasEnded.withLock { $0 = true }
                return status == 0 ? nil : "the application ended with status \(status): \(lastWords)"
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        end()
        return "the application did not stop within \(Int(Self.stopSeconds)) s: \(lastWords)"
    }

    func end() {
        let first = hasEnded.withLock { ended in
            defer { ended = true }
            return !ended
        }
        // After the wait, another process may have its id.
        guard first else { return }
        program.signal(SIGKILL)
        _ = program.wait()
    }

    private var lastWords: String {
        // Without a log the message has no last lines.
        let log = (try? String(contentsOfFile: directory + "/application.log", encoding: .utf8)) ?? ""
        return log.split(separator: "\n").suffix(3).joined(separator: "; ")
    }
}

/// The body of the hidden subcommand `demo-application`: runs the application until `DIR/stop` exists, a
/// signal asks for the end, or the demo that started it is gone. Blocks.
package func runDemoApplication(directory: String, rate: Double) throws {
    let file = URL(fileURLWithPath: directory + "/" + ApplicationPlan.fileName)
    let plan = try JSONDecoder().decode(ApplicationPlan.self, from: Data(contentsOf: file))
    let password = ProcessInfo.processInfo.environment[ApplicationPlan.passwordVariable]
    catchInterruption()
    let parent = getppid()
    let watcher = Thread {
        while !interruption.isRequested {
            if getppid() != parent || FileManager.default.fileExists(atPath: directory + "/stop") {
                interruption.request()
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }
    watcher.start()
    let migration = try Migration(existing: plan.exportDirectory)
    try runApplication(
        ApplicationOptions(
            directory: directory, rate: rate,
            source: DatabaseAccess(parameters: plan.source, password: password),
            target: DatabaseAccess(parameters: plan.target, password: password), seed: plan.seed),
        stop: interruption, route: { try migration.route() })
}
