import ArgumentParser
import Engine

/// `cutover status`: prints the state of the cutovers as yb-voyager's table.
struct ShowCutoverStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how far the cutovers are.")

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
        case .json:
            Terminal.output.line(try CutoverTable.json(status))
        }
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
