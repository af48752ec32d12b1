import ArgumentParser

// The words between `switchback` and a verb's last word. They do nothing by themselves but show their help.

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Export the schema or the data.", subcommands: [ExportSchemaVerb.self, ExportData.self])
}

struct ExportData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Export data; alone it means export data from source.",
        subcommands: [ExportDataFrom.self])
}

struct ExportDataFrom: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "from", abstract: "Export data from a database.",
        subcommands: [ExportDataFromSource.self, ExportDataFromTarget.self])
}

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import the schema or the data.", subcommands: [ImportSchemaVerb.self, ImportData.self])
}

struct ImportData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Import data; alone it means import data to target.",
        subcommands: [ImportDataTo.self])
}

struct ImportDataTo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "to", abstract: "Import data into a database.",
        subcommands: [ImportDataToTarget.self, ImportDataToSource.self])
}

struct Archive: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep the disk free.", subcommands: [ArchiveChanges.self])
}

struct Initiate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Initiate a cutover.", subcommands: [InitiateCutover.self])
}

struct InitiateCutover: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Initiate a cutover.", subcommands: [InitiateCutoverTo.self])
}

struct InitiateCutoverTo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "to", abstract: "Initiate a cutover to a database.",
        subcommands: [InitiateCutoverToTarget.self, InitiateCutoverToSource.self])
}

struct Cutover: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the cutovers.", subcommands: [ShowCutoverStatus.self])
}

struct Abort: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take back what is under way.", subcommands: [AbortCutover.self])
}

struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let go on what waits.", subcommands: [ApproveCutover.self])
}

struct SetSomething: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change how a migration runs.",
        subcommands: [SetApply.self, SetDisk.self])
}

struct SetApply: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Change how changes are applied.", subcommands: [SetApplyMode.self])
}

struct SetDisk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk", abstract: "Change how much of the disk is used.",
        subcommands: [SetDiskLimits.self])
}

struct Retry: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look again at what was mended.", subcommands: [RetryTable.self])
}

struct Exclude: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Leave something out of the migration.", subcommands: [ExcludeTable.self])
}

struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Get reports.", subcommands: [DataMigrationReport.self])
}

struct End: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End the migration.", subcommands: [EndTheMigration.self])
}
