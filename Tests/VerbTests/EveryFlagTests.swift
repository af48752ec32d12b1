import Foundation
import Testing

@testable import switchback

/// Each flag of each verb has an effect that a test shows, an effect that its verb's file shows, or a rule
/// for flags of yb-voyager.
@Suite struct EveryFlagTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The test that shows the effect of a flag, by the flag, or by verb and flag.
    private static let tests = [
        "export-dir": "an export directory that is missing, or is a file, is refused",
        "config-file": "a config file can have every required flag",
        "log-level":
            "the command line wins over the section, the section over the global, that over source",
        "yes": "the flag answers for the operator", "help": "every verb shows its help",
        "source-db-type": "what yb-voyager refuses is refused",
        "source-db-host": connection, "source-db-port": connection, "source-db-user": connection,
        "source-db-name": connection, "source-ssl-mode": connection, "source-ssl-cert": connection,
        "source-ssl-key": connection, "source-ssl-root-cert": connection, "source-ssl-crl": connection,
        "source-db-schema": "schemas and tables are lists with quotes",
        "source-db-password": "a config file can have every required flag",
        "oracle-db-sid": oracle, "oracle-home": oracle, "oracle-tns-alias": oracle, "oracle-cdb-name": oracle,
        "oracle-cdb-sid": oracle, "oracle-cdb-tns-alias": oracle,
        "target-db-type": connection, "target-db-host": connection, "target-db-port": connection,
        "target-db-user": connection, "target-db-name": connection, "target-ssl-mode": connection,
        "target-ssl-cert": connection, "target-ssl-key": connection, "target-ssl-root-cert": connection,
        "target-ssl-crl": connection,
        "target-db-schema": "a target schema of the migration gets a note, and another one is refused",
        "target-db-password": "a password may begin with a dash",
        "table-list": "schemas and tables are lists with quotes",
        "export-type": "what yb-voyager refuses is refused",
        "export data from source start-clean":
            "an export that begins again after a part was imported replaces those rows, too",
        "import data to target start-clean":
            "a clean start of the import removes what was imported, also after damage, and imports it again",
        "truncate-tables":
            "rows of others are named and stay, until tables are truncated by the operator's order",
        "export data from source run-guardrails-checks":
            "a source without logical WAL is refused with the setting",
        "import data to target parallel-jobs":
            "as many chunks are imported at once as jobs were asked for",
        "set apply mode parallel-jobs": channels, "apply-mode": channels,
        "import data to source parallel-jobs": channels,
        "batch-size": "what yb-voyager refuses is refused",
        "disk-free-min": "a capture pauses below the least free space, and continues by itself",
        "error-policy-streaming":
            "the policy for changes that cannot be applied ignores case, and its bound is a count",
        "max-errors-streaming":
            "the policy for changes that cannot be applied ignores case, and its bound is a count",
        "max-retries-streaming":
            "a statement that is cancelled each time is given up with its table, and the other role waits "
            + "for it",
        "cdc-partition-key":
            "a table that the operator keeps together has one channel, and the others are spread",
        "cdc-partition-key-overrides":
            "a table that the operator keeps together has one channel, and the others are spread",
        "metrics-port":
            "the metrics of a running migration count its changes and show no lag of a dead role",
        "metrics-address": metrics, "prometheus-metrics-port": metrics,
        "status output-format": "status shows people and scripts that nothing runs",
        "cutover status output-format": "the JSON has the steps",
        "waive": "a waived gate lets the cutover begin, and the record says who waived it and why",
        "check fix": "only findings with SQL can be named for a fix",
        "check output-format": "the JSON has the SQL of each check",
        "grant script service": "each service gives the right to replicate in its own way",
        "grant script role": "names are quoted, and a comment ends at its line",
        "grant script schemas": "names are quoted, and a comment ends at its line",
        "grant script database": "the rights of the script are those that the checks want, on both sides",
        "grant script for": "the rights of the script are those that the checks want, on both sides",
        "config template file": "the verb prints it or writes it to a new file, and overwrites none",
        "get data-migration-report output-format": "the JSON has yb-voyager's keys",
        "policy": archive, "archive-dir": archive, "fs-utilization-threshold": archive, "move-to": archive,
        "delete-changes-without-archiving": archive,
        "await-approval":
            "the approval of a cutover has a flag and its old spelling, which the help leaves out",
        "hold": "the approval of a cutover has a flag and its old spelling, which the help leaves out",
        "fence": "writers of other tables stop no cutover, and a fence of the tables lets them write",
        "end session cancel": "without a worker the verb ends it itself, and a no ends nothing",
        "tables": "chosen tables alone are verified, and one that does not fit is named",
        "once": "verify says by its exit code and its lines what it found",
        "repair-sql": "verify says by its exit code and its lines what it found",
        "show-values": "values are shown on request only",
        "verify output-format": "values are shown on request only",
        "budget": "a cutover that exceeds its budget is aborted by itself, and the source takes writes again",
        "approve cutover wait":
            "an approval waits until it is awaited and says the current step, or is refused at once",
    ]
    private static let connection = "each flag of a connection is a part of its form"
    private static let oracle = "what yb-voyager refuses is refused"
    private static let channels = "the apply mode is a word, and the number of channels has bounds"
    private static let metrics = "the metrics' flags take a port and an address, and an old spelling"
    private static let archive = "both generations of the archive's flags mean the same"

    /// The files, below Sources/switchback, that declare a flag and use it.
    private static let uses: [String: [String]] = {
        let schema = "Verbs/Schema/ImportSchemaVerb.swift"
        let cutover = "Verbs/Cutover/InitiateCutover.swift"
        let rehearsal = "Verbs/Cutover/RehearseCutover.swift"
        let end = "Verbs/Cutover/EndTheMigration.swift"
        let demo = ["Program/OpenDemo.swift", "Program/ConsoleAndDemo.swift"]
        let lists = "Flags/TableListFlags.swift"
        let decisions = "Verbs/Schema/AnalyzeSchemaVerb+Decisions.swift"
        return [
            "export schema start-clean": ["Verbs/Schema/ExportSchemaVerb.swift"],
            "analyze-schema output-format": ["Verbs/Schema/AnalyzeSchemaVerb.swift"],
            "analyze-schema target-db-version": ["Verbs/Schema/AnalyzeSchemaVerb.swift"],
            "analyze-schema fail-on": ["Verbs/Schema/AnalyzeSchemaVerb.swift"],
            "analyze-schema fix": ["Verbs/Schema/AnalyzeSchemaVerb.swift"],
            "analyze-schema waive": [decisions], "analyze-schema accept": [decisions],
            "analyze-schema take-back": [decisions], "analyze-schema reason": [decisions],
            "import schema object-type-list": [schema], "import schema exclude-object-type-list": [schema],
            "import schema straight-order": [schema], "import schema start-clean": [schema],
            "leave-out-refused-attributes": [schema],
            "continue-on-error": [schema], "ignore-exist": [schema], "post-snapshot-import": [schema],
            "refresh-mviews": [schema], "refresh-materialized-views": [cutover],
            "start": ["Verbs/Verify/VerifyRows.swift"], "stop": ["Verbs/Verify/VerifyRows.swift"],
            "show": ["Verbs/Verify/VerifyRows.swift"],
            "exclude-table-list": [lists], "table-list-file-path": [lists],
            "exclude-table-list-file-path": [lists],
            "export data from source parallel-jobs": ["Verbs/Data/ExportDataFromSource.swift"],
            "worker parallel-jobs": ["Program/RunWorker.swift"],
            "import data to target run-guardrails-checks": ["Verbs/Data/ImportDataToTarget.swift"],
            "disable-pb": ["Verbs/Data/ExportDataFromSource.swift"],
            "queue-size-max": ["Flags/DiskLimitFlags.swift"],
            "cutover gates output-format": ["Verbs/Cutover/ShowGates.swift"],
            "accept difference reason": ["Verbs/Cutover/ShowGates.swift"],
            "export data status output-format": ["Verbs/Data/DataStatus.swift"],
            "import data status output-format": ["Verbs/Data/DataStatus.swift"],
            "restart-data-migration-source-target": [cutover],
            "prepare-for-fall-back": [cutover], "verify": [cutover], "disconnect-sessions": [cutover],
            "initiate cutover to target waits": [cutover], "initiate cutover to source waits": [cutover],
            "cutover rehearsal to": [rehearsal], "last": [rehearsal],
            "cutover rehearsal output-format": [rehearsal],
            "rows-per-second": ["Verbs/Verify/VerifyRows.swift"],
            "backup-schema-files": [end], "backup-data-files": [end], "save-migration-reports": [end],
            "backup-log-files": [end], "backup-dir": [end],
            "headless": demo, "rate": demo, "rows": demo, "seconds": demo, "dir": demo, "keep": demo,
            "chaos": demo, "demo theme": demo,
            "console theme": ["Program/OpenConsole.swift"], "read-only": ["Program/OpenConsole.swift"],
            "embedded": ["Program/OpenConsole.swift"], "plain": ["Program/OpenConsole.swift"],
            "keys markdown": ["Program/ShowKeys.swift"],
        ]
    }()

    @Test func `each flag of each verb has an effect, is refused with a reason, or is another tool's`() throws
    {
        let tree = try CommandDump.root()
        var used: Set<String> = []
        for verb in Verb.allCases {
            let flags = try #require(tree.names(of: verb.words[...]), "\(verb)").filter { $0.count > 1 }
            for flag in flags {
                let keys = ["\(verb.rawValue) \(flag)", flag]
                // The one flag whose property has another name.
                let renamed = flag == "wait" ? ["\(verb.rawValue) waits"] : []
                let shown = (keys + renamed).filter { Self.tests[$0] != nil || Self.uses[$0] != nil }
                used.formUnion(shown)
                let hasRule = ForeignFlags.rules(of: verb)[flag] != nil
                #expect(hasRule || !shown.isEmpty, "\(verb.rawValue) --\(flag) is in no list")
            }
            for flag in ForeignFlags.rules(of: verb).keys
            where ![.version, .console, .demo, .grantScript, .configTemplate, .showKeys].contains(verb) {
                #expect(flags.contains(flag), "\(verb.rawValue) has a rule for --\(flag) and no such flag")
            }
        }
        let known = Set(Self.tests.keys).union(Self.uses.keys)
        #expect(known.subtracting(used) == [], "no verb has these flags")
    }

    @Test func `the tests that show the effects exist`() throws {
        let sources = try Self.text(below: "Tests").replacing(/\s+/, with: " ")
        for (flag, sentence) in Self.tests {
            #expect(sources.contains("`\(sentence)`"), "\(flag): \(sentence)")
        }
    }

    @Test func `a flag that only its verb's file shows is declared there and used`() throws {
        for (key, files) in Self.uses {
            let flag = key.split(separator: " ").last.map(String.init) ?? key
            let words = flag.split(separator: "-").map(String.init)
            let property = words[0] + words.dropFirst().map(\.capitalized).joined()
            let text = try files.map {
                try String(
                    contentsOf: Self.root.appendingPathComponent("Sources/switchback/" + $0), encoding: .utf8)
            }.joined()
            let count = text.components(separatedBy: property).count - 1
            #expect(count >= 2, "\(key): \(property) in \(files)")
        }
    }

    @Test func `each flag of a connection is a part of its form`() throws {
        for side in ["source", "target"] {
            func form(_ flags: String) throws -> String {
                let line =
                    side == "source"
                    ? "export schema -e /e --source-db-type postgresql --source-db-user u --source-db-name d "
                        + "--source-db-schema s " : "import schema -e /e --target-db-user u "
                let (command, _) = try Switchback.parse(
                    (line + flags).split(separator: " ").map(String.init))
                if let export = command as? ExportSchemaVerb { return "\(export.source.form)" }
                return "\(try #require(command as? ImportSchemaVerb).target.form)"
            }
            let plain = try form("")
            for (flag, value) in [
                ("db-host", "there"), ("db-port", "6000"), ("db-user", "other"), ("db-name", "base"),
                ("ssl-mode", "verify-full"), ("ssl-cert", "/c"), ("ssl-key", "/k"), ("ssl-root-cert", "/r"),
                ("ssl-crl", "/l"),
            ] {
                let changed = try form("--\(side)-\(flag) \(value)")
                #expect(changed != plain && changed.contains(value.replacing("verify-full", with: "verify")))
            }
            if side == "target" {
                #expect(plain.contains("5433"))
                #expect(try form("--target-db-type postgresql").contains("5432"))
            }
        }
    }

    @Test func `the page of the command line says what each foreign flag and key does`() throws {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/command-line.md"), encoding: .utf8)
        for flag in Set(ForeignFlagTests.rules.map(\.1)) {
            #expect(page.contains("`--\(flag)"), "--\(flag)")
        }
        for key in Array(ForeignKeys.rules.keys) + TuningVariables.keys {
            #expect(page.contains("`\(key)`"), "\(key)")
        }
    }

    private static func text(below folder: String) throws -> String {
        let place = root.appendingPathComponent(folder)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: place.path)
        return try paths.filter { $0.hasSuffix(".swift") }.map {
            try String(contentsOf: place.appendingPathComponent($0), encoding: .utf8)
        }.joined()
    }
}
