import Foundation
import Testing

@testable import switchback

@Suite struct ConfigFileTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func parse<Command>(_ line: String, config: String, as type: Command.Type) throws -> Command {
        let path = try scratch.write(config, to: "config.yaml")
        let words = (line + " -c \(path)").split(separator: " ").map(String.init)
        return try #require(try Switchback.parse(words).0 as? Command)
    }

    private static let whole = """
        export-dir: /from-config
        log-level: warn
        source:
          db-type: postgresql
          db-host: source.example
          db-port: 6000
          db-user: migrator
          db-password: 0123
          db-name: shop
          db-schema: public,sales
          ssl-mode: require
        target:
          db-host: target.example
          db-user: yugabyte
          db-password: 'a: b'
          db-name: shop
        export-data-from-source:
          export-type: snapshot-and-changes
          parallel-jobs: 7
          disable-pb: true
          queue-segment-max-bytes: 1000000
        initiate-cutover-to-target:
          prepare-for-fall-back: true
        """

    @Test func `a config file can have every required flag`() throws {
        let export = try parse("export data from source", config: Self.whole, as: ExportDataFromSource.self)
        #expect(export.global.exportDir == "/from-config")
        #expect(export.global.logLevel == .warn)
        #expect(export.source.form.host == "source.example")
        #expect(export.source.form.port == 6000)
        #expect(export.source.form.sslMode == "require")
        #expect(export.source.sourceDbPassword == "0123")
        #expect(export.source.schemas == ["public", "sales"])
        #expect(export.parallelJobs == 7)
        #expect(export.disablePb.isTrue)
        let `import` = try parse("import data", config: Self.whole, as: ImportDataToTarget.self)
        #expect(`import`.target.targetDbPassword == "a: b")
        let cutover = try parse(
            "initiate cutover to target", config: Self.whole, as: InitiateCutoverToTarget.self)
        #expect(cutover.prepareForFallBack == .yes)
        #expect(refusal(of: "cutover status -c \(scratch.path)/config.yaml") == nil)
    }

    @Test func `the command line wins over the section, the section over the global, that over source`()
        throws
    {
        let config = """
            export-dir: /global
            log-level: warn
            source: {db-type: postgresql, db-user: u, db-name: d, db-schema: public, db-host: h}
            export-schema: {log-level: error}
            """
        let section = try parse("export schema", config: config, as: ExportSchemaVerb.self)
        #expect(section.global.logLevel == .error)
        #expect(section.source.sourceDbHost == "h")
        let typed = try parse(
            "export schema -l debug --source-db-host=mine -e /typed", config: config,
            as: ExportSchemaVerb.self)
        #expect(typed.global.logLevel == .debug)
        #expect(typed.source.sourceDbHost == "mine")
        #expect(typed.global.exportDir == "/typed")
        let other = try parse("cutover status", config: config, as: ShowCutoverStatus.self)
        #expect(other.global.logLevel == .warn)
    }

    @Test func `the fall-back verbs use only the password of the other sections`() throws {
        let capture = try parse("export data from target", config: Self.whole, as: ExportDataFromTarget.self)
        #expect(capture.targetDbPassword == "a: b")
        let apply = try parse("import data to source", config: Self.whole, as: ImportDataToSource.self)
        #expect(apply.sourceDbPassword == "0123")
    }

    @Test func `keys of environment variables become variables`() throws {
        let path = try scratch.write(Self.whole, to: "config.yaml")
        let prepared = try #require(try PreparedCommandLine(["export", "data", "-c", path]))
        #expect(prepared.variables == ["QUEUE_SEGMENT_MAX_BYTES": "1000000"])
        #expect(!prepared.arguments.contains { $0.contains("queue-segment") })
    }

    @Test func `all problems are reported at once`() throws {
        let config = """
            export-dir: /e
            colour: red
            exprot-schema:
              log-level: info
            source:
              db-hsot: h
            export-data:
              start-clean: true
            export-data-from-source:
              parallel-jobs: 4
            inititate-cutover-to-target:
              prepare-for-fall-back: true
            target: nothing
            """
        let path = try scratch.write(config, to: "config.yaml")
        let failure = #expect(throws: VerbFailure.self) { try ConfigFile(path: path) }
        let message = try #require(failure).message
        for part in [
            "line 2: unknown global key \"colour\"", "unknown section \"exprot-schema\"",
            "unknown key \"db-hsot\"",
            "unknown key \"start-clean\"", "export-data and export-data-from-source mean the same",
            "unknown section \"inititate-cutover-to-target\"", "\"target\" is a section", "7 problem(s)",
        ] {
            #expect(message.contains(part), "\(part)")
        }
        #expect(failure?.exitCode == 1)
    }

    @Test func `a file that is not YAML or does not exist is refused`() throws {
        let path = try scratch.write("source:\n\tdb-host: h\n", to: "tabs.yaml")
        #expect(throws: VerbFailure.self) { try ConfigFile(path: path) }
        #expect(throws: VerbFailure.self) { try ConfigFile(path: scratch.path + "/none.yaml") }
        #expect(throws: VerbFailure.self) { try ConfigFile(path: scratch.path) }
        let latin = scratch.path + "/latin.yaml"
        try Data("export-dir: /gr".utf8 + [0xF6] + "n\n".utf8).write(to: URL(fileURLWithPath: latin))
        let failure = #expect(throws: VerbFailure.self) { try ConfigFile(path: latin) }
        #expect(failure?.message.contains("UTF-8") == true)
        #expect(throws: VerbFailure.self) { try ConfigFile(yaml: "just words", path: "x") }
        #expect(try ConfigFile(yaml: "", path: "x") == ConfigFile(yaml: "# nothing\n", path: "y"))
    }

    @Test(
        arguments: [
            (.exportSchema, ["source"]), (.importSchema, ["target"]), (.finalizeSchema, ["target"]),
            (.exportDataFromSource, ["source"]), (.importDataToTarget, ["target"]),
            (.exportDataFromTarget, ["target"]), (.importDataToSource, ["source"]),
            (.endMigration, ["source", "target"]), (.console, ["source", "target"]),
            (.worker, ["source", "target"]),
        ] as [(Verb, [String])])
    func `every verb that connects uses the password of the file's section`(verb: Verb, sides: [String])
        throws
    {
        let file = try ConfigFile(
            yaml: "source:\n  db-password: one\ntarget:\n  db-password: two\n", path: "x")
        let binding = ConfigBinding(file: file, verb: verb, given: [])
        for side in sides {
            let password = side == "source" ? "one" : "two"
            let isFlag = binding.arguments.contains("--\(side)-db-password=\(password)")
            let isVariable = binding.variables["\(side.uppercased())_DB_PASSWORD"] == password
            #expect(isFlag != isVariable, "\(verb) \(side)")
        }
    }

    @Test func `every key of a verb's section is a flag of the verb`() throws {
        let program = try ParserDescription.program()
        for verb in Verb.allCases {
            let description = try #require(program.verb(verb), "\(verb)")
            let sourceFlags = ConfigKeys.sourceKeys(of: verb).map {
                $0.hasPrefix("oracle-") ? $0 : "source-" + $0
            }
            let targetFlags = ConfigKeys.targetKeys(of: verb).map { "target-" + $0 }
            for key in ConfigKeys.flags(of: verb) + sourceFlags + targetFlags {
                #expect(description.flag(key) != nil, "\(verb.rawValue) --\(key)")
            }
        }
    }
}
