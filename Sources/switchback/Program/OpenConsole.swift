import ArgumentParser
import Console
import Engine
import Foundation
import Postgres
import PostgresPorts

/// The console, also without a verb: on `--export-dir`, else on EXPORT_DIR of the environment, else on the
/// current directory.
struct OpenConsole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Open the console, as without a command.")

    @Option(
        name: [.customShort("e", allowingJoined: true), .long],
        help: "The directory that contains the migration.")
    var exportDir: String?
    @Option(help: "The colours: terminal, dark, light, or a theme file's name.") var theme: String?
    @Flag(help: "Only show: make no request, start no worker.") var readOnly = false
    @Flag(help: "Run the engine in this process and not in a worker.") var embedded = false

    mutating func validate() throws {
        if readOnly, embedded { throw ValidationError("--embedded cannot be given with --read-only") }
    }

    func run() async throws {
        let directory = try directory()
        guard Terminal.inputIsTerminal, Terminal.output.isTerminal else {
            throw VerbFailure(
                "the console needs a terminal; scripts use the verbs, see switchback --help")
        }
        let migration = try open(directory)
        let environment = ProcessInfo.processInfo.environment
        let passwords = (source: environment["SOURCE_DB_PASSWORD"], target: environment["TARGET_DB_PASSWORD"])
        _ = try VerbLog.start(
            verb: .console, exportDirectory: directory, level: .info,
            secrets: SecretWords([passwords.source, passwords.target]))
        let options = ConsoleAndDemo.consoleOptions(
            theme: theme, directory: directory, readOnly: readOnly, sourcePassword: passwords.source,
            targetPassword: passwords.target)
        if !readOnly {
            try migration.sitDown(user: NSUserName(), host: hostName(), terminal: Terminal.inputName)
        }
        let engine = embedded ? try EmbeddedEngine(migration: migration, passwords: passwords) : nil
        // The console handles the signals itself while it is open.
        StopRequests.endInGoodOrder()
        do {
            try await FirstThread.shared.run { try runConsole(control: migration, options: options) }
        } catch let error as ConsoleError {
            await engine?.end()
            throw VerbFailure(error.description)
        }
        await engine?.end()
    }

    private func directory() throws -> String {
        let named = exportDir ?? ProcessInfo.processInfo.environment["EXPORT_DIR"]
        return try absoluteDirectory(named ?? ".", flag: "export-dir")
    }

    /// Opens the migration. Begins one in a directory that the operator named; in the shell's current
    /// directory only after a question.
    private func open(_ directory: String) throws -> Migration {
        let hasBegun = FileManager.default.fileExists(atPath: directory + "/metainfo/meta.db")
        if hasBegun || readOnly { return try Migration(existing: directory) }
        if exportDir == nil, ProcessInfo.processInfo.environment["EXPORT_DIR"] == nil {
            let question = "There is no migration in \(directory). Begin one here"
            guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: false) }) else {
                throw VerbFailure("nothing was done; name the migration's directory with --export-dir")
            }
        }
        return try Migration(creating: directory)
    }
}

/// The engine in the console's process, with `--embedded`.
private struct EmbeddedEngine {
    private let stop = StopSignal()
    private let run: Task<Void, any Error>

    init(migration: Migration, passwords: (source: String?, target: String?)) throws {
        let forms = try migration.databases()
        let options = RunOptions(
            source: DatabaseAccess(parameters: forms.source.parameters, password: passwords.source),
            target: DatabaseAccess(parameters: forms.target.parameters, password: passwords.target))
        let stop = stop
        run = Task { try await runWorker(migration: migration, options: options, stop: stop) }
    }

    /// Stops the engine, and prints the error if it had ended before.
    func end() async {
        stop.request()
        do {
            try await run.value
        } catch  where isStop(error) {
            // As requested above.
        } catch {
            Terminal.fail("the engine ended: \(error)")
        }
    }
}
