import ArgumentParser
import Engine
import Postgres
import PostgresPorts
import Schema

/// `import schema`: runs the exported and edited SQL files on the target; indexes and triggers after the
/// snapshot.
struct ImportSchemaVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Create the exported schema on the target.")

    @OptionGroup var global: GlobalFlags
    @OptionGroup var target: TargetFlags
    @Option(help: "Continue after a statement that fails; it is kept in schema/failed.sql.")
    var continueOnError = ValuedBoolean.no
    @Option(help: "Check versions and rights first.") var runGuardrailsChecks = ValuedBoolean.yes
    @Option(help: "List what is in the schemas on the target, ask, and drop it first.") var startClean =
        ValuedBoolean.no
    @Option(help: "Take objects that exist already, and report those that differ.")
    var ignoreExist = ValuedBoolean.no
    @Option(help: "Create objects without storage attributes that the target refuses.")
    var leaveOutRefusedAttributes = ValuedBoolean.no
    @Option(help: "Create indexes and triggers, after the snapshot was imported.")
    var postSnapshotImport = ValuedBoolean.no
    @Option(help: "Refresh materialized views, with --post-snapshot-import.") var refreshMviews =
        ValuedBoolean.no
    @Option(
        parsing: .unconditional,
        help: "The only kinds of objects to import, separated by commas: TABLE,VIEW.") var objectTypeList:
        String?
    @Option(
        parsing: .unconditional,
        help: "The kinds of objects to leave out, separated by commas.") var excludeObjectTypeList: String?
    @Option(help: "Import the kinds in the order of --object-type-list.") var straightOrder = ValuedBoolean.no
    @OptionGroup var foreign: ImportSchemaForeignFlags

    mutating func validate() throws {
        try refuseBothObjectTypeLists()
        if straightOrder.isTrue, objectTypeList == nil {
            throw ValidationError("--straight-order needs the order: give --object-type-list")
        }
        _ = try types()
    }

    /// The kinds of objects that the lists choose; nil if there is no list.
    private func types() throws -> ObjectTypeChoice? {
        guard objectTypeList != nil || excludeObjectTypeList != nil else { return nil }
        do {
            return ObjectTypeChoice(
                include: try SchemaObjectType.list(objectTypeList ?? ""),
                exclude: try SchemaObjectType.list(excludeObjectTypeList ?? ""),
                straightOrder: straightOrder.isTrue)
        } catch {
            let known = SchemaObjectType.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(error.word) is no kind of object; the kinds are \(known)")
        }
    }

    func run() async throws {
        try await importSchema(
            global: global, target: target, checks: runGuardrailsChecks.isTrue, startClean: startClean.isTrue,
            options: ImportSchemaOptions(
                postSnapshotImport: postSnapshotImport.isTrue, ignoreExist: ignoreExist.isTrue,
                continueOnError: continueOnError.isTrue, refreshMaterializedViews: refreshMviews.isTrue,
                types: try types(), leaveOutRefusedAttributes: leaveOutRefusedAttributes.isTrue,
                startClean: startClean.isTrue))
    }
}

/// `finalize-schema-post-data-import`: the newer name for the second half of `import schema`.
struct FinalizeSchema: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finalize-schema-post-data-import",
        abstract: "Create indexes, triggers and constraints after the snapshot was imported.")

    @OptionGroup var global: GlobalFlags
    @OptionGroup var target: TargetFlags
    @Option(help: "Continue after a statement that fails; it is kept in schema/failed.sql.")
    var continueOnError = ValuedBoolean.no
    @Option(help: "Check versions and rights first.") var runGuardrailsChecks = ValuedBoolean.yes
    @Option(help: "Take objects that exist already, and report those that differ.")
    var ignoreExist = ValuedBoolean.no
    @Option(help: "Create objects without storage attributes that the target refuses.")
    var leaveOutRefusedAttributes = ValuedBoolean.no
    @Option(help: "Refresh materialized views.") var refreshMviews = ValuedBoolean.no

    func run() async throws {
        try await importSchema(
            global: global, target: target, checks: runGuardrailsChecks.isTrue, startClean: false,
            options: ImportSchemaOptions(
                postSnapshotImport: true, ignoreExist: ignoreExist.isTrue,
                continueOnError: continueOnError.isTrue,
                refreshMaterializedViews: refreshMviews.isTrue,
                leaveOutRefusedAttributes: leaveOutRefusedAttributes.isTrue))
    }
}

private func importSchema(
    global: GlobalFlags, target: TargetFlags, checks: Bool, startClean: Bool, options: ImportSchemaOptions
) async throws {
    let start = try VerbStart(.existing, flags: global, secrets: [target.targetDbPassword])
    start.notice(try target.schemaNotice(schemas: try start.migration.databases().schemas))
    let access = try target.form.targetAccess(passwordFlag: target.targetDbPassword)
    try await start.migration.checkIdentity(.target, access)
    if startClean, let access { try confirmDrop(start, target, access, yes: global.yes) }
    try start.keepTarget(target.form)
    let record = try await start.perform(
        .importSchema(options), options: RunOptions(target: access, checks: checks, startClean: startClean))
    Terminal.output.line(record.answer)
}

/// Lists what a clean start drops, and asks.
private func confirmDrop(_ start: VerbStart, _ target: TargetFlags, _ access: DatabaseAccess, yes: Bool)
    throws
{
    let contents = try TargetContents(access, files: SchemaFiles(exportDirectory: start.exportDirectory))
    guard !contents.isEmpty else { return }
    for line in contents.lines { Terminal.errors.line(line) }
    let question =
        "All this on \(target.form.place) will be dropped, with its rows and what needs it. Continue"
    guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: yes) }) else {
        throw VerbFailure("nothing was done")
    }
}
