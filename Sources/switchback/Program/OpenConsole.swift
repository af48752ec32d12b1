import ArgumentParser
import Console
import Engine
import Foundation
import Postgres
import PostgresPorts

/// The console, also without a verb: on `--export-dir`, else on EXPORT_DIR of the environment, else on the
/// current directory if it contains a migration. Otherwise it lists the migrations.
struct OpenConsole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Open the console, as without a command.")

    @Option(
        name: [.customShort("e", allowingJoined: true), .long],
        help: "The directory that contains the migration.")
    var exportDir: String?
    @Option(
        help:
            "The colours: terminal, dark, light, high-contrast, colorblind, mono, or a theme file's name.")
    var theme: String?
    @Flag(help: "Prompts and lines instead of a screen: for screen readers and pipes.") var plain = false
    @Flag(help: "Only show: make no request, start no worker.") var readOnly = false
    @Flag(help: "Run the engine in this process and not in a worker.") var embedded = false

    mutating func validate() throws {
        if readOnly, embedded { throw ValidationError("--embedded cannot be given with --read-only") }
    }

    func run() async throws {
        guard let directory = try directory() else {
            guard !embedded else {
                throw VerbFailure("--embedded needs the migration's directory; name it with --export-dir")
            }
            return try await show(nil, directory: nil, passwords: (nil, nil))
        }
        let migration = try open(directory)
        let environment = ProcessInfo.processInfo.environment
        let passwords = (source: environment["SOURCE_DB_PASSWORD"], target: environment["TARGET_DB_PASSWORD"])
        _ = try VerbLog.start(
            verb: .console, exportDirectory: directory, level: .info,
            secrets: SecretWords([passwords.source, passwords.target]))
        if !readOnly {
            try migration.sitDown(user: NSUserName(), host: hostName(), terminal: Terminal.inputName)
        }
        let engine = embedded ? try EmbeddedEngine(migration: migration, passwords: passwords) : nil
        do {
            try await show(migration, directory: directory, passwords: passwords)
        } catch {
            await engine?.end()
            throw error
        }
        await engine?.end()
    }

    /// Whether prompts and lines take the place of the screen: on request, and where there is no terminal
    /// that can show one.
    private var usesLines: Bool {
        let terminal = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return plain || !Terminal.inputIsTerminal || !Terminal.output.isTerminal || terminal.isEmpty
            || terminal == "dumb"
    }

    /// Shows the console, and opens another migration where the operator chose one.
    private func show(
        _ migration: Migration?, directory: String?, passwords: (source: String?, target: String?)
    ) async throws {
        var made = ConsoleAndDemo.consoleOptions(
            theme: theme, directory: directory, readOnly: readOnly, sourcePassword: passwords.source,
            targetPassword: passwords.target)
        made.usesLines = usesLines
        let options = made
        // The console handles the signals itself while it is open.
        StopRequests.endInGoodOrder()
        let outcome: ConsoleOutcome
        do {
            outcome = try await FirstThread.shared.run {
                try runConsole(control: migration, options: options)
            }
        } catch let error as ConsoleError {
            throw VerbFailure(error.description)
        }
        switch outcome {
        case .left: break
        case .openMigration(let other):
            guard !embedded else {
                throw VerbFailure(
                    "the engine of --embedded has ended; open the other: switchback -e \(other)")
            }
            try replaceProcess(showing: other)
        }
    }

    /// Replaces this process with a console of another migration, which has a log and passwords of its own.
    private func replaceProcess(showing directory: String) throws -> Never {
        var arguments = ["switchback", "--export-dir", directory]
        if let theme { arguments += ["--theme", theme] }
        if plain { arguments.append("--plain") }
        if readOnly { arguments.append("--read-only") }
        // Sound: the copies live until the process is replaced, and end with it otherwise; the array ends
        // with a null pointer.
        var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
        _ = unsafe execv("/proc/self/exe", &pointers)
        throw VerbFailure("cannot open \(directory): \(unsafe String(cString: strerror(errno)))")
    }

    /// The migration's directory: that of the flag or of EXPORT_DIR, else the current one if a migration has
    /// begun there. Nil for the list.
    private func directory() throws -> String? {
        if let named = exportDir ?? ProcessInfo.processInfo.environment["EXPORT_DIR"] {
            return try absoluteDirectory(named, flag: "export-dir")
        }
        let current = FileManager.default.currentDirectoryPath
        return MigrationSearch.isExportDirectory(current) ? current : nil
    }

    /// Opens the migration, and begins one in a directory in which none has begun.
    private func open(_ directory: String) throws -> Migration {
        let hasBegun = MigrationSearch.isExportDirectory(directory)
        return try hasBegun || readOnly
            ? Migration(existing: directory) : Migration(creating: directory)
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
