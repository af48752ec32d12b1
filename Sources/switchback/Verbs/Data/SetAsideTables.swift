import ArgumentParser
import Engine

/// `retry table`: requests a new check of a table that was set aside and has been mended.
struct RetryTable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract:
            "Retry a table that was set aside, after it was mended; differences that can be applied are "
            + "accepted."
    )

    @OptionGroup var global: GlobalFlags
    @Argument(help: "The table, written as for --table-list.") var table: String

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        let table = try start.migration.table(named: table)
        _ = try start.migration.leave(.retryTable(table), by: start.operatorName)
        Terminal.output.line(
            "\(table) will be checked again; `get data-migration-report` and the console show its state")
    }
}

/// `exclude table`: removes a table that was set aside, or was created after the start, from the migration
/// for good.
struct ExcludeTable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract:
            "Exclude a table that was set aside or is new: its changes are counted and no longer applied.")

    @OptionGroup var global: GlobalFlags
    @Argument(help: "The table, written as for --table-list.") var table: String

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        let table = try start.migration.table(named: table)
        if let refusal = try start.migration.refusal(of: .excludeTable(table)) { throw VerbFailure(refusal) }
        let question = "\(table) will be excluded from this migration for good. Continue"
        guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
            throw VerbFailure("nothing was done")
        }
        _ = try start.migration.leave(.excludeTable(table), by: start.operatorName)
        Terminal.output.line("\(table) is excluded from the migration")
    }
}
