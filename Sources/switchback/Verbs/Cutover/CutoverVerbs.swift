import ArgumentParser
import Engine

/// `cutover status`: where the cutovers stand, in yb-voyager's table.
struct ShowCutoverStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how far the cutovers are.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "table or json; json tells the steps, too.") var outputFormat = TableFormat.table

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

/// `abort cutover`: takes back the cutover that is under way.
struct AbortCutover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover",
        abstract: "Take back the cutover that is under way; possible until its release.")

    @OptionGroup var global: GlobalFlags

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        try await start.cutoverRequest(yes: global.yes).abort()
    }
}

/// `approve cutover`: lets the cutover that waits before its release go on.
struct ApproveCutover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Let the cutover that waits before its release go on.")

    @OptionGroup var global: GlobalFlags
    @Option(name: .customLong("wait"), help: "Wait until the cutover waits for approval.")
    var waits = ValuedBoolean.no

    func run() async throws {
        try await VerbStart(.existing, flags: global).cutoverRequest(yes: global.yes).approve(
            waits: waits.isTrue)
    }
}
