import ArgumentParser
import Engine
import PostgresPorts

/// `export schema`: exports the source's schema as SQL files by type of object.
struct ExportSchemaVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Export the source's schema as SQL files.")

    @OptionGroup var global: GlobalFlags
    @OptionGroup var source: SourceFlags
    @Option(help: "Replace the schema that was exported before.") var startClean = ValuedBoolean.no
    @Option(help: "Check versions, programs and rights first.") var runGuardrailsChecks = ValuedBoolean.yes
    @OptionGroup var foreign: ExportSchemaForeignFlags

    mutating func validate() throws { try refuseBothObjectTypeLists() }

    func run() async throws {
        let start = try VerbStart(.creating, flags: global, secrets: [source.sourceDbPassword])
        if let earlier = try start.migration.newestRecord(
            titled: Request.exportSchema(startClean: false).title),
            earlier.state == .done
        {
            guard startClean.isTrue else {
                Terminal.errors.line(
                    "The schema is already exported to \(start.exportDirectory)/schema; pass --start-clean "
                        + "true to export it again.")
                return
            }
            let question =
                "The exported schema in \(start.exportDirectory)/schema will be overwritten. Continue"
            guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
                throw VerbFailure("nothing was done")
            }
        }
        try start.keepSource(source.form, schemas: source.schemas)
        let options = RunOptions(
            source: try source.form.sourceAccess(passwordFlag: source.sourceDbPassword),
            checks: runGuardrailsChecks.isTrue, startClean: startClean.isTrue)
        let record = try await start.perform(.exportSchema(startClean: startClean.isTrue), options: options)
        Terminal.output.line(record.answer)
    }
}

/// Refuses a list of included and a list of excluded types at once, as yb-voyager does.
func refuseBothObjectTypeLists() throws {
    let given = Invocation.current.flags
    if given.contains("object-type-list"), given.contains("exclude-object-type-list") {
        throw ValidationError("only one of --object-type-list and --exclude-object-type-list can be given")
    }
}
