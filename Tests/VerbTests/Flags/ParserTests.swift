import ArgumentParser
import Engine
import Testing

@testable import switchback

/// Parses a command line; spaces separate its words.
func parse<Command>(_ line: String, as type: Command.Type = Command.self) throws -> Command {
    let (command, _) = try Switchback.parse(line.split(separator: " ").map(String.init))
    return try #require(command as? Command)
}

/// Returns the message with which a command line is refused, nil if it is accepted.
func refusal(of line: String) -> String? {
    do {
        _ = try Switchback.parse(line.split(separator: " ").map(String.init))
        return nil
    } catch {
        return (error as? VerbFailure)?.message ?? Switchback.message(for: error)
    }
}

private let source =
    "--source-db-type postgresql --source-db-user u --source-db-name d --source-db-schema public"

@Suite struct ParserTests {
    @Test(arguments: [
        "export schema --export-dir /e --source-db-type postgresql --source-db-host h --source-db-user u "
            + "--source-db-password p --source-db-name d --source-db-schema public",
        "analyze-schema --export-dir /e --output-format html",
        "import schema --export-dir /e --target-db-host h --target-db-user u --target-db-password p "
            + "--target-db-name d --target-db-schema public",
        "export data from source --export-dir /e --source-db-type postgresql --source-db-host h "
            + "--source-db-user u "
            + "--source-db-password p --source-db-name d --source-db-schema public --export-type "
            + "snapshot-and-changes",
        "import data to target --export-dir /e --target-db-host h --target-db-user u --target-db-password p "
            + "--target-db-name d --target-db-schema public --parallel-jobs 8",
        "get data-migration-report --export-dir /e --target-db-password p --source-db-password q",
        "import schema --export-dir /e --target-db-user u --post-snapshot-import true --ignore-exist true",
        "archive changes --export-dir /e --move-to /d",
        "archive changes --export-dir /e --delete-changes-without-archiving true "
            + "--fs-utilization-threshold 70",
        "initiate cutover to target --export-dir /e --prepare-for-fall-back true",
        "initiate cutover to source --export-dir /e",
        "end session 4711 --export-dir /e", "end session 4711 --cancel --export-dir /e --yes",
        "cutover status --export-dir /e", "acknowledge alert roleStopped:apply --export-dir /e",
        "end migration --export-dir /e --backup-log-files true --backup-data-files no "
            + "--backup-schema-files 1 "
            + "--save-migration-reports Y --backup-dir /b",
    ])
    func `the workflow's command lines are accepted`(line: String) {
        #expect(refusal(of: line) == nil)
    }

    @Test func `the approval of a cutover has a flag and its old spelling, which the help leaves out`() throws
    {
        func awaits(_ flags: String) throws -> Bool {
            let target = "initiate cutover to target -e /e --prepare-for-fall-back true \(flags)"
            let source = "initiate cutover to source -e /e \(flags)"
            let answers = [
                try parse(target, as: InitiateCutoverToTarget.self).cutover.requiresApproval,
                try parse(source, as: InitiateCutoverToSource.self).cutover.requiresApproval,
            ]
            #expect(answers[0] == answers[1])
            return answers[0]
        }
        #expect(try !awaits(""))
        for flag in ["--await-approval", "--hold"] {
            #expect(try awaits("\(flag) true"))
            #expect(try awaits("\(flag)=YES"))
            #expect(try !awaits("\(flag) false"))
        }
        let help = InitiateCutoverToSource.helpMessage()
        #expect(help.contains("--await-approval") && !help.contains("--hold"))
    }

    @Test func `a table to retry or exclude is named by its schema and name`() throws {
        #expect(try parse("retry table public.item -e /e", as: RetryTable.self).table == "public.item")
        #expect(try parse("exclude table -e /e public.item", as: ExcludeTable.self).table == "public.item")
        #expect(refusal(of: "retry table -e /e") != nil)
    }

    @Test func `the policy for changes that cannot be applied ignores case, and its bound is a count`()
        throws
    {
        let line = "import data to target -e /e --target-db-user u --target-db-name d"
        let given = try parse(
            "\(line) --error-policy-streaming STASH-and-continue --max-errors-streaming 7",
            as: ImportDataToTarget.self)
        #expect(given.errorPolicy.errorPolicyStreaming == .stashAndContinue)
        #expect(given.errorPolicy.maxErrorsStreaming == 7)
        #expect(try parse(line, as: ImportDataToTarget.self).errorPolicy.errorPolicyStreaming == nil)
        #expect(refusal(of: "\(line) --max-errors-streaming=-1")?.contains("out of bounds") == true)
        #expect(refusal(of: "import data to source -e /e --error-policy-streaming abort") == nil)
    }

    @Test(
        arguments: zip(
            ["true", "1", "T", "y", "YES", "false", "0", "f", "N", "No"],
            [true, true, true, true, true, false, false, false, false, false]))
    func `a valued boolean has ten spellings in any case`(word: String, value: Bool) throws {
        let separate = try parse(
            "import schema -e /e --target-db-user u --ignore-exist \(word)", as: ImportSchemaVerb.self)
        #expect(separate.ignoreExist.isTrue == value)
        let joined = try parse(
            "import schema -e /e --target-db-user u --ignore-exist=\(word)", as: ImportSchemaVerb.self)
        #expect(joined.ignoreExist.isTrue == value)
    }

    @Test func `a valued boolean without its value is refused`() {
        #expect(
            refusal(of: "import schema -e /e --target-db-user u --start-clean")?.contains("--start-clean")
                == true)
        #expect(
            refusal(of: "import schema -e /e --target-db-user u --start-clean maybe")?.contains("maybe")
                == true)
    }

    @Test func `yes is a bare flag`() throws {
        #expect(try parse("initiate cutover to source -e /e -y", as: InitiateCutoverToSource.self).global.yes)
        #expect(
            try parse("initiate cutover to source -e /e --yes", as: InitiateCutoverToSource.self).global.yes)
        #expect(refusal(of: "initiate cutover to source -e /e --yes true")?.contains("true") == true)
    }

    @Test func `enumerations ignore case`() throws {
        let line =
            "export data -e /e \(source) --source-ssl-mode VERIFY-CA --export-type Snapshot-And-Changes "
            + "-l DEBUG"
        let command = try parse(line, as: ExportDataFromSource.self)
        #expect(command.source.sourceSslMode == .verifyCA)
        #expect(command.global.logLevel == .debug)
        #expect(command.exportType == .snapshotAndChanges)
    }

    @Test func `the short forms mean the long verbs`() throws {
        let export = try parse(
            "export data -e /e \(source) --export-type snapshot-and-changes", as: ExportDataFromSource.self)
        #expect(export.source.form == ConnectionForm(host: "localhost", port: 5432, database: "d", user: "u"))
        let `import` = try parse("import data -e /e --target-db-user u", as: ImportDataToTarget.self)
        #expect(
            `import`.target.form
                == ConnectionForm(host: "127.0.0.1", port: 5433, database: "yugabyte", user: "u"))
    }

    @Test func `no verb opens the console`() throws {
        #expect(try parse("", as: OpenConsole.self).exportDir == nil)
        #expect(try parse("--export-dir /e", as: OpenConsole.self).exportDir == "/e")
        #expect(try parse("-e /e --read-only", as: OpenConsole.self).readOnly)
    }

    @Test func `a password may begin with a dash`() throws {
        let command = try parse(
            "import data -e /e --target-db-user u --target-db-password -x=y", as: ImportDataToTarget.self)
        #expect(command.target.targetDbPassword == "-x=y")
    }

    @Test func `a short flag may have its value joined to it`() throws {
        #expect(try parse("cutover status -e/a -ldebug", as: ShowCutoverStatus.self).global.exportDir == "/a")
        #expect(try parse("cutover status -e=/a", as: ShowCutoverStatus.self).global.exportDir == "/a")
    }

    @Test func `the last of a repeated flag counts`() throws {
        #expect(
            try parse("cutover status -e /a --export-dir /b", as: ShowCutoverStatus.self).global.exportDir
                == "/b")
    }

    @Test func `schemas and tables are lists with quotes`() throws {
        let line =
            "export data -e /e --source-db-type postgresql --source-db-user u --source-db-name d "
            + "--source-db-schema s "
            + "--source-db-schema \"Sales\",public --table-list orders,\"Lines\",item_? --export-type "
            + "snapshot-and-changes"
        let command = try parse(line, as: ExportDataFromSource.self)
        #expect(command.source.schemas == ["Sales", "public"])
        #expect(try command.lists.tables() == ["orders", "\"Lines\"", "item_?"])
    }

    @Test(arguments: [
        ("initiate cutover to target -e /e", "\"prepare-for-fall-back\""),
        ("cutover status", "\"export-dir\""),
        (
            "export schema -e /e --source-db-type postgresql",
            "\"source-db-user\", \"source-db-name\", \"source-db-schema\""
        ),
        ("export schema -e /e", "\"source-db-type\""),
        ("import data -e /e", "\"target-db-user\""),
        ("archive changes -e /e", "\"policy\""),
        ("archive changes -e /e --policy archive", "\"archive-dir\""),
        (
            "end migration -e /e --backup-log-files true",
            "\"backup-schema-files\", \"backup-data-files\", \"save-migration-reports\""
        ),
    ])
    func `missing required flags are named`(line: String, names: String) {
        #expect(refusal(of: line) == "required flag(s) \(names) not set")
    }

    @Test(arguments: [
        "cutover status -e /e --nonsense", "export schema -e /e --source-db-type oracle",
        "export schema -e /e --source-db-type mysql", "export schema -e /e --source-db-type db2",
        "export schema -e /e \(source) --source-db-port 70000",
        "export schema -e /e \(source) --source-ssl-mode maybe",
        "export schema -e /e \(source) --oracle-home /o", "cutover status -e /e -l loud",
        "export schema -e /e \(source) --object-type-list TABLE --exclude-object-type-list VIEW",
        "export data -e /e \(source)", "export data -e /e \(source) --export-type changes-only",
        "export data -e /e \(source) --export-type snapshot-and-changes --table-list a "
            + "--table-list-file-path /f",
        "export data -e /e \(source) --export-type snapshot-and-changes --exclude-table-list a "
            + "--exclude-table-list-file-path /f",
        "export data -e /e \(source) --export-type snapshot-and-changes --parallel-jobs 0",
        "import data -e /e --target-db-user u --table-list a", "export data from target -e /e --table-list a",
        "import data -e /e --target-db-user u --truncate-tables true",
        "import data -e /e --target-db-user u --parallel-jobs 4 --adaptive-parallelism balanced",
        "import data -e /e --target-db-user u --adaptive-parallelism disabled --adaptive-parallelism-max 4",
        "import data -e /e --target-db-user u --batch-size 20001",
        "import data -e /e --target-db-user u --enable-upsert true --on-primary-key-conflict ignore",
        "import schema -e /e --target-db-user u --target-db-type yugabytedb-amp",
        "import schema -e /e --target-db-user u --target-db-schema a,b",
        "archive changes -e /e --policy delete --archive-dir /d",
        "archive changes -e /e --policy archive --archive-dir /d --fs-utilization-threshold 70",
        "archive changes -e /e --policy retain", "archive changes -e /e --move-to /d --policy archive",
        "archive changes -e /e --delete-changes-without-archiving true --policy delete",
        "archive changes -e /e --policy delete --fs-utilization-threshold 101",
        "get data-migration-report -e /e --include-detailed-iterations-stats true",
        "end migration -e /e --backup-log-files true --backup-data-files no --backup-schema-files 0 "
            + "--save-migration-reports no",
        "exprot schema -e /e", "export data form source -e /e", "demo --rate 0",
    ])
    func `what yb-voyager refuses is refused`(line: String) throws {
        #expect(try #require(refusal(of: line)).isEmpty == false)
    }

    @Test func `both generations of the archive's flags mean the same`() throws {
        let old = try parse("archive changes -e /e --move-to /d", as: ArchiveChanges.self)
        let new = try parse(
            "archive changes -e /e --policy ARCHIVE --archive-dir /d", as: ArchiveChanges.self)
        #expect(try old.wanted() == .archive(directory: "/d"))
        #expect(try new.wanted() == .archive(directory: "/d"))
        let oldDelete = try parse(
            "archive changes -e /e --delete-changes-without-archiving true", as: ArchiveChanges.self)
        let newDelete = try parse(
            "archive changes -e /e --policy delete --fs-utilization-threshold 50", as: ArchiveChanges.self)
        #expect(try oldDelete.wanted() == .delete(aboveUtilizationPercent: 70))
        #expect(try newDelete.wanted() == .delete(aboveUtilizationPercent: 50))
    }

    @Test func `a target schema of the migration gets a note, and another one is refused`() throws {
        let flags = try parse(
            "import schema -e /e --target-db-user u --target-db-schema public", as: ImportSchemaVerb.self
        ).target
        #expect(try flags.schemaNotice(schemas: ["sales", "public"])?.contains("not used") == true)
        #expect(try flags.schemaNotice(schemas: [])?.contains("not used") == true)
        #expect(throws: VerbFailure.self) { try flags.schemaNotice(schemas: ["sales"]) }
        let none = try parse("import schema -e /e --target-db-user u", as: ImportSchemaVerb.self).target
        #expect(try none.schemaNotice(schemas: ["sales"]) == nil)
    }

    @Test(arguments: Verb.allCases) func `every verb shows its help`(verb: Verb) throws {
        var (help, _) = try Switchback.parse(verb.words + ["--help"])
        let error = #expect(throws: (any Error).self) { try help.run() }
        #expect(error.map { Switchback.exitCode(for: $0) } == .success)
    }

    @Test func `the limits of the disk are sizes, one of them or both`() throws {
        let verb = try parse(
            "set disk limits -e /e --disk-free-min 2GB --queue-size-max 512MB", as: SetDiskLimits.self)
        #expect(verb.disk.diskFreeMin?.bytes == 2 << 30 && verb.disk.queueSizeMax?.bytes == 512 << 20)
        #expect(refusal(of: "set disk limits -e /e")?.contains("--disk-free-min") == true)
        #expect(refusal(of: "set disk limits -e /e --queue-size-max 1MB")?.contains("too small") == true)
        #expect(refusal(of: "set disk limits -e /e --queue-size-max 0") == nil)
        #expect(refusal(of: "set disk limits -e /e --disk-free-min much")?.contains("much") == true)
        let line =
            "export data from source -e /e --source-db-type postgresql --source-db-user u --source-db-name "
            + "d --source-db-schema s "
            + "--export-type snapshot-and-changes --disk-free-min 1000000"
        #expect(try parse(line, as: ExportDataFromSource.self).disk.diskFreeMin?.bytes == 1_000_000)
        #expect(refusal(of: "export data from target -e /e --queue-size-max 10GB") == nil)
    }

    @Test func `the apply mode is a word, and the number of channels has bounds`() throws {
        let line = "import data to target -e /e --target-db-user u --target-db-name d"
        let given = try parse(
            line + " --apply-mode PARALLEL --parallel-jobs 8", as: ImportDataToTarget.self)
        #expect(given.applyMode == .parallel && given.parallelJobs == 8)
        #expect(try parse(line, as: ImportDataToTarget.self).applyMode == nil)
        #expect(refusal(of: line + " --parallel-jobs 65") == nil)
        #expect(refusal(of: line + " --apply-mode parallel --parallel-jobs 65")?.contains("1 to 64") == true)
        #expect(refusal(of: "import data to source -e /e --apply-mode parallel --parallel-jobs 2") == nil)
        let verb = try parse("set apply mode parallel -e /e --parallel-jobs 3", as: SetApplyMode.self)
        #expect(verb.mode == .parallel && verb.parallelJobs == 3)
        #expect(refusal(of: "set apply mode transactional -e /e") == nil)
        #expect(refusal(of: "set apply mode transactional -e /e --parallel-jobs 2") != nil)
        #expect(refusal(of: "set apply mode -e /e")?.contains("mode") == true)
        #expect(refusal(of: "set apply mode sideways -e /e")?.contains("sideways") == true)
    }
}
