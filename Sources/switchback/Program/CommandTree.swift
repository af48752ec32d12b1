import ArgumentParser

// The words between `switchback` and a verb's last word. Alone they only show their help.

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Export the schema or the data.", subcommands: [ExportSchemaVerb.self, ExportData.self])
}

struct ExportData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Export data; short for export data from source.",
        subcommands: [ExportDataFrom.self, ExportDataStatus.self])
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
        commandName: "data", abstract: "Import data; short for import data to target.",
        subcommands: [ImportDataTo.self, ImportDataStatus.self])
}

struct ImportDataTo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "to", abstract: "Import data into a database.",
        subcommands: [ImportDataToTarget.self, ImportDataToSource.self])
}

struct Archive: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Archive what is no longer needed.", subcommands: [ArchiveChanges.self])
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
        abstract: "Show the cutovers.", subcommands: [ShowCutoverStatus.self, ShowGates.self])
}

struct Accept: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accept a difference between the catalogs.", subcommands: [AcceptDifference.self])
}

struct Abort: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Abort a cutover.", subcommands: [AbortCutover.self])
}

struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Approve a cutover that awaits it.", subcommands: [ApproveCutover.self])
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
        commandName: "disk", abstract: "Change the limits of disk use.",
        subcommands: [SetDiskLimits.self])
}

struct Retry: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Retry a table that was set aside.", subcommands: [RetryTable.self])
}

struct Exclude: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Exclude a table from the migration.", subcommands: [ExcludeTable.self])
}

struct Acknowledge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Acknowledge an alert.", subcommands: [AcknowledgeAlert.self])
}

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a config file.", subcommands: [WriteConfigTemplate.self])
}

struct Grant: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a role its rights.", subcommands: [PrintGrants.self])
}

struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Get reports.", subcommands: [DataMigrationReport.self])
}

struct End: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End the migration, or a session that is in its way.",
        subcommands: [EndTheMigration.self, EndSession.self])
}
