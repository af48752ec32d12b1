import ArgumentParser
import Engine
import PostgresPorts

/// `end session`: ends a session with an open write transaction on the origin, which a cutover waits for.
struct EndSession: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract:
            "End a session on the origin whose open write transaction is in the way of a cutover. Asks first."
    )

    @OptionGroup var global: GlobalFlags
    @Argument(help: "The process ID of the session, as `status` and `cutover gates` name it.")
    var processID: Int
    @Flag(help: "Cancel the statement that it runs, and leave the session.") var cancel = false
    @Option(parsing: .unconditional, help: "The source's password; better given in SOURCE_DB_PASSWORD.")
    var sourceDbPassword: String?
    @Option(parsing: .unconditional, help: "The target's password; better given in TARGET_DB_PASSWORD.")
    var targetDbPassword: String?

    func run() async throws {
        let start = try VerbStart(.existing, flags: global, secrets: [sourceDbPassword, targetDbPassword])
        let (log, isYes) = (start.log, global.yes)
        let request = SessionRequest(
            control: start.migration, by: start.operatorName, stop: StopRequests.signal,
            confirm: { question in
                try StopRequests.whileAsking { try Prompt.confirm(question, yes: isYes) }
            },
            say: { line in
                log.notice("\(line)")
                Terminal.output.line(line)
            },
            perform: { request in
                guard case .endSession(let end) = request else { return "" }
                let forms = try start.migration.databases()
                let options =
                    switch end.side {
                    case .source:
                        RunOptions(source: try forms.source.sourceAccess(passwordFlag: sourceDbPassword))
                    case .target:
                        RunOptions(target: try forms.target.targetAccess(passwordFlag: targetDbPassword))
                    }
                return try await start.perform(request, options: options).answer
            })
        try await request.end(processID, cancel ? .cancel : .terminate)
    }
}
