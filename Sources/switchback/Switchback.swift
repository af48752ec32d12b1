import ArgumentParser
import Engine
import Foundation

/// The program: the verbs of yb-voyager's command line, and the console if no verb is given.
@main
struct Switchback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchback",
        abstract: "Move a live PostgreSQL database, switch over, and switch back.",
        discussion: "Without a command it opens the console.",
        subcommands: [
            Export.self, AnalyzeSchemaVerb.self, Import.self, FinalizeSchema.self, Archive.self,
            Initiate.self, Cutover.self, Accept.self, Abort.self, Approve.self, Retry.self, Exclude.self,
            Pause.self, Resume.self, SetSomething.self, ShowStatus.self, Acknowledge.self,
            CheckDatabases.self, Grant.self,
            Get.self,
            End.self, Config.self,
            OpenDemo.self,
            ShowVersion.self, ShowKeys.self, OpenConsole.self, RunWorker.self,
        ])

    static func main() {
        // The runtime keeps copies, so the originals can be hidden.
        let arguments = Array(CommandLine.arguments.dropFirst())
        PasswordFlags.hideFromProcessList()
        StopRequests.install()
        // libpq would send these to the server as session settings, which override those of the database.
        for name in ["PGDATESTYLE", "PGTZ", "PGOPTIONS"] { unsafe unsetenv(name) }
        if arguments.first == DemoApplication.word { Foundation.exit(DemoApplication.run(arguments)) }
        start(arguments)
        leave(FirstThread.shared.serve())
    }

    /// Ends the process without the exit handlers of libraries: OpenSSL would free locks that a thread still
    /// uses while it closes a connection, and the crash would change the exit code.
    private nonisolated static func leave(_ code: Int32) -> Never {
        _ = fflush(nil)  // All streams.
        _exit(code)
    }

    /// Runs the command. It is not isolated to the main actor, as `main` is, because the main actor never
    /// runs while the first thread waits for work.
    private nonisolated static func start(_ arguments: [String]) {
        Task { FirstThread.shared.end(exitCode: await run(arguments)) }
    }

    /// Runs one command line; returns the exit code. What went wrong is said on stderr in one message.
    static func run(_ typed: [String]) async -> Int32 {
        do {
            let (command, prepared) = try parse(typed)
            // An environment variable that is set wins over the config file.
            for (name, value) in prepared?.variables ?? [:] {
                // Both strings are copied by the call; no other thread reads the environment yet.
                _ = unsafe setenv(name, value, 0)
            }
            guard let prepared else {
                try await run(command)
                return 0
            }
            try await Invocation.$current.withValue(prepared.invocation) { try await run(command) }
            return 0
        } catch {
            return report(error, typed: typed)
        }
    }

    /// Parses a command line. The prepared command line is nil if only help is shown.
    static func parse(_ typed: [String]) throws -> (any ParsableCommand, PreparedCommandLine?) {
        guard let prepared = try PreparedCommandLine(typed) else { return (try parseAsRoot(typed), nil) }
        return try Invocation.$current.withValue(prepared.invocation) {
            let command = try parseAsRoot(prepared.arguments)
            if !prepared.invocation.flags.contains("help") { try prepared.refuseForeignValues() }
            return (command, prepared)
        }
    }

    private static func run(_ command: any ParsableCommand) async throws {
        var command = command
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }

    /// The parser's lists of legal values, one a line, become one line.
    private static func oneLine(_ message: String) -> String {
        message.replacing(". Please provide one of the following:\n  - ", with: "; it is one of ")
            .replacing("\n  - ", with: ", ")
    }

    private static func report(_ error: any Error, typed: [String]) -> Int32 {
        VerbLog.current?.error("\(message(for: error))")
        switch error {
        case let failure as VerbFailure:
            Terminal.fail(failure.message)
            return failure.exitCode
        case _ where isStop(error):
            Terminal.fail("stopped by a signal")
            return 1
        case _ where isServerAway(error):
            Terminal.fail(message(for: error))
            return VerbFailure.serverAwayCode
        case let code as ExitCode:
            return code.rawValue
        default:
            guard exitCode(for: error) != .success else {
                Terminal.output.line(fullMessage(for: error))
                return 0
            }
            // The parser's code for a wrong command line is 64; scripts expect 1.
            Terminal.fail(oneLine(message(for: error)))
            return 1
        }
    }
}
