import Engine
import Foundation
import Records
import Testing

@testable import switchback

/// Flags and keys of yb-voyager that no part of Switchback reads.
@Suite struct ForeignFlagTests {
    private static let source =
        "--source-db-type postgresql --source-db-user u --source-db-name d --source-db-schema public"
    private static let lines: [Verb: String] = [
        .exportSchema: "export schema -e /e \(source)", .analyzeSchema: "analyze-schema -e /e",
        .importSchema: "import schema -e /e --target-db-user u",
        .finalizeSchema: "finalize-schema-post-data-import -e /e --target-db-user u",
        .exportDataFromSource: "export data -e /e \(source) --export-type snapshot-and-changes",
        .importDataToTarget: "import data -e /e --target-db-user u",
        .exportDataFromTarget: "export data from target -e /e",
        .importDataToSource: "import data to source -e /e",
        .initiateCutoverToTarget: "initiate cutover to target -e /e --prepare-for-fall-back true",
        .initiateCutoverToSource: "initiate cutover to source -e /e",
        .dataMigrationReport: "get data-migration-report -e /e", .worker: "worker -e /e",
    ]

    /// Each rule that belongs to one verb, as the verb, the flag and the rule.
    static let rules: [(Verb, String, ForeignRule)] = lines.keys.flatMap { verb in
        ForeignFlags.rules(of: verb).map { (verb, $0.key, $0.value) }
    }

    @Test func `a value that Switchback does not act on is refused with its reason by every verb`() throws {
        for (verb, flag, rule) in Self.rules {
            let line = try #require(Self.lines[verb], "\(verb)")
            func refused(_ value: String) -> String? { refusal(of: "\(line) --\(flag) \(value)") }
            switch rule {
            case .note:
                #expect(["true", "7"].contains { refused($0) == nil }, "\(verb) --\(flag)")
                #expect(
                    ForeignSettings.notes(verb, flags: [flag], keys: []).count == 1, "\(verb) --\(flag)")
            case .only(let accepted, let reason):
                #expect(refused("\(accepted)") == nil, "\(verb) --\(flag)")
                #expect(refused("\(!accepted)") == "--\(flag) \(!accepted) is refused: \(reason)")
                #expect(refused(accepted ? "N" : "Y")?.contains("is refused") == true)
            case .onlyWord(let accepted, let reason):
                #expect(refused(accepted.uppercased()) == nil, "\(verb) --\(flag)")
                let others = ["ignore", "stash-and-continue", "balanced", "snapshot-and-changes"]
                #expect(others.contains { refused($0)?.contains(reason) == true }, "\(verb) --\(flag)")
            case .refused(let reason):
                #expect(refused("4") == "--\(flag) 4 is refused: \(reason)")
            }
        }
    }

    @Test func `flags without effect are named in one line for each reason`() throws {
        let line = Self.lines[.exportSchema, default: ""] + " --use-orafce false --assessment-report-path x"
        let words = (line + " --skip-colocation-recommendations true").split(separator: " ").map(String.init)
        let prepared = try #require(try Switchback.parse(words).1)
        #expect(
            prepared.invocation.notes == [
                "Note: --assessment-report-path, --skip-colocation-recommendations have no effect in "
                    + "Switchback: Switchback does not assess a migration.",
                "Note: --use-orafce has no effect in Switchback: Orafce is for Oracle sources.",
            ])
        #expect(refusal(of: line + " --use-orafce perhaps")?.contains("perhaps") == true)
        let quiet = try Switchback.parse(["cutover", "status", "-e", "/e"]).1
        #expect(quiet?.invocation.notes == [])
    }

    @Test func `a refusal comes before a question, a connection and the log`() throws {
        let scratch = try ScratchDirectory()
        let run = try SwitchbackProcess([
            "import", "data", "-e", scratch.path, "--target-db-user", "u", "--target-db-host", "127.0.0.1",
            "--target-db-port", "1", "--start-clean", "true", "--on-primary-key-conflict", "IGNORE",
        ])
        #expect(run.exitCode == 1 && run.output.isEmpty)
        #expect(run.errors.contains("--on-primary-key-conflict IGNORE is refused"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    @Test func `each key that sets a variable has an effect, a note, or a refusal`() {
        let keys = ConfigKeys.globalVariables + Verb.allCases.flatMap(ConfigKeys.variables)
        for key in Set(keys) {
            let isTuning = TuningVariables.keys.contains(key)
            #expect(isTuning != (ForeignKeys.rules[key] != nil), "\(key)")
        }
    }

    @Test func `keys of a config file are noted or refused for the verb that they are for`() throws {
        func parsed(_ words: String, _ yaml: String) throws -> [String] {
            let scratch = try ScratchDirectory()
            let path = try scratch.write(yaml, to: "config.yaml")
            let line = (words + " -c \(path)").split(separator: " ").map(String.init)
            return try Switchback.parse(line).1?.invocation.notes ?? []
        }
        let yaml = """
            control-plane-type: yugabyted
            source: {read-replica-endpoints: "a:1"}
            export-data: {beta-fast-data-export: 1}
            import-data-to-source: {num-event-channels: 4}
            """
        let export = try parsed(Self.lines[.exportDataFromSource, default: ""], yaml)
        #expect(export.count == 3)
        for key in ["control-plane-type", "read-replica-endpoints", "beta-fast-data-export"] {
            #expect(export.contains { $0.hasPrefix("Note: \(key) has no effect") }, "\(key)")
        }
        #expect(try parsed("cutover status -e /e", yaml).count == 1)
        let failure = #expect(throws: VerbFailure.self) { try parsed("import data to source -e /e", yaml) }
        #expect(failure?.message.contains("num-event-channels: 4 in the config file is refused") == true)
    }

    @Test func `variables that tune have bounds`() throws {
        let tuning = try TuningVariables(environment: [
            "QUEUE_SEGMENT_MAX_BYTES": "2097152", "MAX_EVENTS_PER_BATCH": "500",
            "MAX_BATCH_SIZE_BYTES": "1000000", "MAX_INTERVAL_BETWEEN_BATCHES": "250",
        ])
        var options = RunOptions()
        tuning.apply(to: &options)
        #expect(options.segmentBytesMax == 2_097_152)
        #expect(options.applyBounds == ApplyBounds(changesMax: 500, bytesMax: 1_000_000, seconds: 0.25))
        #expect(try TuningVariables(environment: ["MAX_EVENTS_PER_BATCH": ""]).applyBounds == ApplyBounds())
        for (name, value) in [
            ("QUEUE_SEGMENT_MAX_BYTES", "1000"), ("MAX_EVENTS_PER_BATCH", "0"),
            ("MAX_BATCH_SIZE_BYTES", "many"), ("MAX_INTERVAL_BETWEEN_BATCHES", "-1"),
        ] {
            let failure = #expect(throws: VerbFailure.self) {
                try TuningVariables(environment: [name: value])
            }
            #expect(failure?.message.contains("\(name)=\(value)") == true)
        }
    }

    @Test func `the key of the channels is auto or table, for all tables or for some`() throws {
        let line = "import data -e /e --target-db-user u --cdc-partition-key"
        let given = try parse(
            line + " TABLE --cdc-partition-key-overrides public.a:auto;\"S:x\".\"b\":table",
            as: ImportDataToTarget.self)
        #expect(try given.channelKeys.key() == .table)
        #expect(try given.channelKeys.overrides() == ["public.a": .auto, "\"S:x\".\"b\"": .table])
        #expect(refusal(of: line + " pk")?.contains("auto takes the primary key") == true)
        #expect(refusal(of: line + " sometimes")?.contains("give auto or table") == true)
        for overrides in ["public.a:(x,y)", "public.a:pk"] {
            #expect(refusal(of: line + "-overrides \(overrides)")?.contains("is refused") == true)
        }
        #expect(refusal(of: line + "-overrides public.a")?.contains("TABLE:table") == true)
    }

    @Test func `the retries of the stream are a count, and one attempt comes before them`() throws {
        let line = "import data -e /e --target-db-user u"
        #expect(try parse(line, as: ImportDataToTarget.self).retries.attemptsMax == nil)
        let given = try parse(line + " --max-retries-streaming 15", as: ImportDataToTarget.self)
        #expect(given.retries.attemptsMax == 16)
        #expect(refusal(of: line + " --max-retries-streaming=-1")?.contains("out of bounds") == true)
    }
}
