import ArgumentParser
import Engine

/// `cutover status`: prints the state of the cutovers as yb-voyager's table. Its exit code is 1 if the newest
/// cutover was aborted, so that no script polls for its completion for ever.
struct ShowCutoverStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how far the cutovers are. Exit code 1: the newest one was aborted, and why.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "table or json; json includes the steps.") var outputFormat = TableFormat.table

    func run() async throws {
        VerbLog.keepNone()
        let migration = try Migration(existing: try global.exportDirectory())
        let status = try migration.status()
        switch outputFormat {
        case .table:
            for line in CutoverTable.lines(status, colour: Terminal.output.coloured) {
                Terminal.output.line(line)
            }
            let reason = CutoverTable.abortLines(status)
            for line in (reason.isEmpty ? [] : [""]) + reason { Terminal.output.line(line) }
        case .json:
            Terminal.output.line(try CutoverTable.json(status))
        }
        if status.newestCutover?.abortReason != nil { throw ExitCode(1) }
    }
}

/// `abort cutover`: undoes the cutover that is under way.
struct AbortCutover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover",
        abstract: "Undo the cutover that is under way; possible until its release.")

    @OptionGroup var global: GlobalFlags

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        try await start.cutoverRequest(yes: global.yes).abort()
    }
}

/// `approve cutover`: approves the release of the cutover that awaits it.
struct ApproveCutover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Approve the release of the cutover that awaits it.")

    @OptionGroup var global: GlobalFlags
    @Option(name: .customLong("wait"), help: "Wait until the cutover awaits approval.")
    var waits = ValuedBoolean.no

    func run() async throws {
        try await VerbStart(.existing, flags: global).cutoverRequest(yes: global.yes).approve(
            waits: waits.isTrue)
    }
}
