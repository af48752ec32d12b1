import ArgumentParser
import Engine
import PostgresPorts

/// `end migration`: makes the wanted backups and removes everything of ours from both databases.
struct EndTheMigration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migration", abstract: "End the migration: make backups, clean up both databases.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "Back up the schema files; required.") var backupSchemaFiles: ValuedBoolean?
    @Option(help: "Back up the data files; required.") var backupDataFiles: ValuedBoolean?
    @Option(help: "Save the migration reports; required.") var saveMigrationReports: ValuedBoolean?
    @Option(help: "Back up the log files; required.") var backupLogFiles: ValuedBoolean?
    @Option(help: "The directory for the backups; it must exist.") var backupDir: String?
    @Option(parsing: .unconditional, help: "The source's password; better given in SOURCE_DB_PASSWORD.")
    var sourceDbPassword: String?
    @Option(parsing: .unconditional, help: "The target's password; better given in TARGET_DB_PASSWORD.")
    var targetDbPassword: String?

    mutating func validate() throws {
        try requireFlags([
            ("backup-schema-files", backupSchemaFiles != nil), ("backup-data-files", backupDataFiles != nil),
            ("save-migration-reports", saveMigrationReports != nil),
            ("backup-log-files", backupLogFiles != nil),
        ])
        let keeps = [backupSchemaFiles, backupDataFiles, saveMigrationReports, backupLogFiles].contains {
            $0?.isTrue == true
        }
        if keeps, backupDir?.isEmpty != false {
            throw ValidationError("--backup-dir is required for a backup")
        }
    }

    func run() async throws {
        let directory = try backupDir.map { try absoluteDirectory($0, flag: "backup-dir") }
        let start = try VerbStart(.existing, flags: global, secrets: [sourceDbPassword, targetDbPassword])
        if try start.migration.finishEnded(by: start.operatorName) {
            return Terminal.output.line(
                "Ended migration successfully: it had ended before, so nothing was left to do")
        }
        let question = "The end of a migration cannot be undone. Are you sure you want to end it"
        guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
            throw VerbFailure("the migration was not ended")
        }
        let forms = try start.migration.databases()
        let options = RunOptions(
            source: try forms.source.sourceAccess(passwordFlag: sourceDbPassword),
            target: try forms.target.targetAccess(passwordFlag: targetDbPassword))
        let record = try await start.perform(
            .endMigration(
                EndOptions(
                    backupSchemaFiles: backupSchemaFiles?.isTrue == true,
                    backupDataFiles: backupDataFiles?.isTrue == true,
                    saveMigrationReports: saveMigrationReports?.isTrue == true,
                    backupLogFiles: backupLogFiles?.isTrue == true, backupDirectory: directory)),
            options: options)
        let sentence = "Ended migration successfully"
        if !record.lines.contains(sentence) { Terminal.output.line(sentence) }
    }
}
