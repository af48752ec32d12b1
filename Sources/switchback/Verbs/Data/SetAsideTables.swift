import ArgumentParser
import Engine

/// `retry table`: a table that is held was mended on the destination; the import looks at it again.
struct RetryTable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract:
            "Let a held table go on when it was mended; what still differs but can be applied is accepted.")

    @OptionGroup var global: GlobalFlags
    @Argument(help: "The table, written as for --table-list.") var table: String

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        let table = try start.migration.table(named: table)
        _ = try start.migration.leave(.retryTable(table), by: start.operatorName)
        Terminal.output.line(
            "\(table) is looked at again; `get data-migration-report` and the console tell how it stands")
    }
}

/// `exclude table`: takes a table that is held, or came after the start, out of the migration for good.
struct ExcludeTable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Leave a table that is held or new out: its changes are counted and no longer applied.")

    @OptionGroup var global: GlobalFlags
    @Argument(help: "The table, written as for --table-list.") var table: String

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        let table = try start.migration.table(named: table)
        if let refusal = try start.migration.refusal(of: .excludeTable(table)) { throw VerbFailure(refusal) }
        let question = "\(table) will be left out of this migration for good. Go on"
        guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
            throw VerbFailure("nothing was done")
        }
        _ = try start.migration.leave(.excludeTable(table), by: start.operatorName)
        Terminal.output.line("\(table) is left out of the migration")
    }
}
