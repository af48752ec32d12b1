import Postgres
import Records

/// Creates the objects of the files on the target, in an order in which each finds what it needs.
///
/// It blocks, so it runs on a thread of its own. The first pass creates everything except what hinders or
/// changes a load of data: non-unique indexes, triggers and NOT VALID constraints. `postSnapshotImport`
/// creates those, and fills materialized views that were never filled. Each object is one transaction, so
/// that the same call with `ignoreExist` completes the work after a crash.
///
/// - Parameter afterEachStep: called at the end of each object's transaction
package func importSchema(
    access: DatabaseAccess, files: SchemaFiles, options: SchemaImportOptions,
    afterEachStep: CreationHook? = nil, progress: SchemaImportHook? = nil, line: (String) -> Void
) throws(SchemaError) -> SchemaImportResult {
    guard options.include.isEmpty || options.exclude.isEmpty else { throw .includeAndExclude }
    let scripts = try files.scripts()
    for path in files.unknownFiles() { line("schema/\(path) is none of the export's files; it was not run.") }
    let session: ImportSession
    do {
        session = try ImportSession(
            access, ignoreExist: options.ignoreExist, afterEachStep: afterEachStep)
    } catch {
        throw .server(error)
    }
    let plan = ImportPlan(scripts: scripts, options: options, targetIsYugabyteDB: session.isYugabyteDB)
    for (label, reason) in plan.skipped { line("\(label): skipped, \(reason)") }
    var importer = SchemaImporter(
        session: session, options: options, exportDirectory: files.exportDirectory,
        settings: Dictionary(uniqueKeysWithValues: scripts.map { ($0.file, $0.settings) }),
        failed: try FailedStatements(files: files, secondPass: options.postSnapshotImport),
        progress: progress)
    importer.result.skipped = plan.skipped.count
    try importer.run(plan.steps, line: line)
    if options.postSnapshotImport, options.takes(.materializedView) {
        try importer.refresh(scripts.flatMap(\.objects), line: line)
    }
    return importer.result
}

/// One pass over a target. It keeps the steps that wait for something that is missing.
private struct SchemaImporter: ~Copyable {
    /// A step that waits for something that is missing.
    private struct Waiting {
        let step: ImportStep
        let failure: ImportSession.StepFailure
    }

    var session: ImportSession
    let options: SchemaImportOptions
    let exportDirectory: String
    let settings: [String: [SQLStatement]]
    var failed: FailedStatements
    let progress: SchemaImportHook?
    var result = SchemaImportResult()
    private var waiting: [Waiting] = []

    init(
        session: consuming ImportSession, options: SchemaImportOptions, exportDirectory: String,
        settings: [String: [SQLStatement]], failed: FailedStatements, progress: SchemaImportHook?
    ) {
        self.session = session
        self.options = options
        self.exportDirectory = exportDirectory
        self.settings = settings
        self.failed = failed
        self.progress = progress
    }

    mutating func run(_ steps: [ImportStep], line: (String) -> Void) throws(SchemaError) {
        var stage: ImportStage?
        for (index, step) in steps.enumerated() {
            progress?(
                SchemaImportProgress(
                    done: index, total: steps.count, label: step.label,
                    buildsIndex: step.stage == .index || step.stage == .uniqueIndex,
                    processID: session.connection.processID))
            // Steps that wait are tried again at the end of each stage, because later stages may need them.
            if step.stage != stage { try retry(line: line) }
            stage = step.stage
            try attempt(step, line: line)
        }
        try retry(line: line)
        let left = waiting
        waiting = []
        for (index, item) in left.enumerated() {
            try fail(item.step, item.failure.error, others: left.count - index - 1, line: line)
        }
    }

    /// Tries the waiting steps in their order, until a round creates nothing. Each round except the last
    /// creates at least one object, so there are at most as many rounds as objects.
    private mutating func retry(line: (String) -> Void) throws(SchemaError) {
        var before = Int.max
        while !waiting.isEmpty, waiting.count < before {
            before = waiting.count
            let round = waiting
            waiting = []
            for item in round { try attempt(item.step, line: line) }
        }
    }

    private mutating func attempt(_ step: ImportStep, line: (String) -> Void) throws(SchemaError) {
        do {
            try session.apply(settings[step.file] ?? [], of: step.file)
        } catch {
            throw .server(error)
        }
        do {
            let outcome = try session.run(step)
            result.existed += outcome.existed
            if let reason = outcome.skipped {
                result.skipped += 1
                line("\(step.label): skipped, \(reason)")
            } else if outcome.existed == step.statements.count {
                line("\(step.label): exists")
            } else {
                result.created += 1
                line(step.label)
            }
        } catch {
            if error.error.isConnectionLoss || error.error.kind == .connection { throw .server(error.error) }
            if error.refusal == .dependencyMissing {
                waiting.append(Waiting(step: step, failure: error))
            } else {
                try fail(step, error.error, others: waiting.count, line: line)
            }
        }
    }

    private mutating func fail(
        _ step: ImportStep, _ error: PostgresError, others: Int, line: (String) -> Void
    )
        throws(SchemaError)
    {
        guard options.continueOnError else {
            throw .object(
                label: step.label, file: step.file, line: step.line, sqlState: error.sqlState,
                reason: error.message, others: others)
        }
        try failed.append(
            step, reason: error.message, sqlState: error.sqlState, exportDirectory: exportDirectory)
        result.failures.append(
            SchemaImportResult.Failure(
                label: step.label, file: step.file, line: step.line, sqlState: error.sqlState,
                reason: error.message))
        line("\(step.label): failed, \(error.message) [SQLSTATE \(error.sqlState)]; see schema/failed.sql")
    }

    // MARK: Materialized views

    /// Fills the materialized views of the files: those never filled, or all if the options say so.
    mutating func refresh(_ objects: [SchemaObject], line: (String) -> Void) throws(SchemaError) {
        let unfilled = try unpopulatedViews()
        var steps: [ImportStep] = []
        for object in objects {
            for statement in object.statements {
                guard let parts = statement.createdMaterializedView else { continue }
                guard options.refreshMaterializedViews || unfilled.contains(parts.joined(separator: "."))
                else {
                    continue
                }
                let refresh = SQLStatement(
                    text: refreshing(parts), line: statement.line,
                    tokens: [SQLToken(kind: .word, text: "refresh", depth: 0)])
                steps.append(
                    ImportStep(
                        label: "refresh \(parts.joined(separator: "."))", type: .materializedView,
                        stage: .materializedView, file: object.file, line: object.line, statements: [refresh])
                )
            }
        }
        let before = result.created
        try run(steps, line: line)
        result.refreshed += result.created - before
        result.created = before
    }

    private borrowing func unpopulatedViews() throws(SchemaError) -> Set<String> {
        do {
            let rows = try session.connection.query(
                "select schemaname, matviewname from pg_catalog.pg_matviews where not ispopulated",
                doing: "list the materialized views that are empty"
            ).rows
            // A file may name a view without its schema.
            return Set(rows.flatMap { ["\($0[0] ?? "").\($0[1] ?? "")", $0[1] ?? ""] })
        } catch {
            throw .server(error)
        }
    }
}

extension SQLStatement {
    var createdMaterializedView: [String]? {
        guard begins(["create", "materialized", "view"]) else { return nil }
        let conditional = tokens.count > 6 && tokens[3].isKeyword("if") && tokens[4].isKeyword("not")
        return name(at: conditional ? 6 : 3)?.parts
    }
}
