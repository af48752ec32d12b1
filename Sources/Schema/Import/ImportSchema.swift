import Postgres
import Records

/// Creates the objects of the files on the target, in an order in which each finds what it needs.
///
/// It blocks, so it runs on a thread of its own. The first pass creates everything except what hinders or
/// changes a load of data: non-unique indexes, triggers and NOT VALID constraints. `postSnapshotImport`
/// creates those, and fills materialized views that were never filled. A journal in the export directory
/// knows what was applied, so that the same call completes the work after a crash at any moment.
///
/// - Parameter afterEachStep: called at the end of each transaction
package func importSchema(
    access: DatabaseAccess, files: SchemaFiles, options: SchemaImportOptions,
    afterEachStep: CreationHook? = nil, progress: SchemaImportHook? = nil, line: (String) -> Void
) throws(SchemaError) -> SchemaImportResult {
    guard options.include.isEmpty || options.exclude.isEmpty else { throw .includeAndExclude }
    let scripts = StatementKey.keys(of: try files.scripts())
    for path in files.unknownFiles() { line("schema/\(path) is none of the export's files; it was not run.") }
    let session = try ImportSession(
        access, journal: files.importJournal, options: options, afterEachStep: afterEachStep)
    if options.startClean { try session.clean(scripts, line: line) }
    try session.settleJournal(scripts, line: line)
    var plan = ImportPlan(scripts: scripts, options: options, targetIsYugabyteDB: session.isYugabyteDB)
    for (label, reason) in plan.skipped { line("\(label): skipped, \(reason)") }
    let noted = plan.remove(session.journal.applied)
    if noted > 0 { line("\(noted) statements were applied by an earlier import, and are not run again.") }
    var importer = SchemaImporter(
        session: session, exportDirectory: files.exportDirectory,
        settings: Dictionary(uniqueKeysWithValues: scripts.map { ($0.file, $0.settings) }),
        failed: try FailedStatements(files: files, secondPass: options.postSnapshotImport),
        progress: progress)
    importer.result.noted = noted
    importer.result.skipped = plan.skipped.count
    try importer.run(plan.steps, line: line)
    if options.postSnapshotImport, options.takes(.materializedView) {
        try importer.refresh(scripts.flatMap(\.objects), line: line)
    }
    return importer.result
}

/// One pass over a target. It keeps the steps that wait for something that is missing.
private struct SchemaImporter: ~Copyable {
    var session: ImportSession
    let exportDirectory: String
    let settings: [String: [SQLStatement]]
    var failed: FailedStatements
    let progress: SchemaImportHook?
    var result = SchemaImportResult()
    private var waiting: [ImportStep] = []
    private var done = 0
    private var total = 0

    /// The rounds in which waiting steps are tried again, at the end of the stages and of the pass.
    private static let roundsMax = 100
    /// The steps that run in one transaction, and the bytes of their statements.
    private static let togetherMax = 50
    private static let togetherBytesMax = 1 << 20

    init(
        session: consuming ImportSession, exportDirectory: String, settings: [String: [SQLStatement]],
        failed: FailedStatements, progress: SchemaImportHook?
    ) {
        self.session = session
        self.exportDirectory = exportDirectory
        self.settings = settings
        self.failed = failed
        self.progress = progress
    }

    mutating func run(_ steps: [ImportStep], line: (String) -> Void) throws(SchemaError) {
        (done, total) = (0, steps.count)
        var rounds = 0
        var stage: ImportStage?
        var at = 0
        while at < steps.count {
            // Steps that wait are tried again when a later stage begins, because others may need them.
            if let last = stage, steps[at].stage > last {
                try retry(&rounds, line: line)
                stage = steps[at].stage
            }
            stage = stage ?? steps[at].stage
            let together = together(steps[at...])
            if together.count > 1, try runTogether(together, line: line) {
                at += together.count
                continue
            }
            for step in steps[at..<(at + together.count)] { try attempt(step, isLast: false, line: line) }
            at += together.count
        }
        try retry(&rounds, line: line)
        let left = waiting
        waiting = []
        for (index, step) in left.enumerated() {
            try attempt(step, isLast: true, others: left.count - index - 1, line: line)
        }
    }

    /// Tries the waiting steps in their order, until a round creates nothing.
    private mutating func retry(_ rounds: inout Int, line: (String) -> Void) throws(SchemaError) {
        var before = Int.max
        while !waiting.isEmpty, waiting.count < before, rounds < Self.roundsMax {
            rounds += 1
            before = waiting.count
            let round = waiting
            waiting = []
            for step in round { try attempt(step, isLast: false, isAgain: true, line: line) }
        }
    }

    // MARK: Steps

    /// Returns the first step, with those after it that may share its transaction: quick ones of the same
    /// settings.
    private borrowing func together(_ steps: ArraySlice<ImportStep>) -> ArraySlice<ImportStep> {
        guard let first = steps.first, !session.isYugabyteDB, first.mayShareTransaction else {
            return steps.prefix(1)
        }
        var bytes = 0
        return steps.prefix(Self.togetherMax).prefix { step in
            bytes += step.statements.reduce(0) { $0 + $1.text.utf8.count }
            return step.mayShareTransaction && settings[step.file] == settings[first.file]
                && (bytes < Self.togetherBytesMax || step == first)
        }
    }

    /// Runs steps in one transaction. Returns false if the target refused one of them.
    private mutating func runTogether(_ steps: ArraySlice<ImportStep>, line: (String) -> Void)
        throws(SchemaError) -> Bool
    {
        guard let first = steps.first else { return true }
        note(first)
        do {
            try session.apply(settings[first.file] ?? [], of: first.file)
        } catch {
            throw lost(error)
        }
        do {
            try session.runTogether(Array(steps))
        } catch {
            switch error.cause {
            case .journal(let error): throw error
            case .server(let server):
                if error.isConnectionLoss { throw lost(server) }
                return false
            }
        }
        result.created += steps.count
        done += steps.count
        for step in steps { line(step.label) }
        return true
    }

    private borrowing func note(_ step: ImportStep) {
        progress?(
            SchemaImportProgress(
                done: done, total: total, label: step.label,
                buildsIndex: step.stage == .index || step.stage == .uniqueIndex,
                processID: session.connection.processID))
    }

    private borrowing func lost(_ error: PostgresError) -> SchemaError {
        error.isConnectionLoss || error.kind == .connection
            ? .interrupted(done: done, of: total, error) : .server(error)
    }

    /// - Parameters:
    ///   - isLast: whether no other step can cure what it lacks
    ///   - others: how many more steps wait for something
    private mutating func attempt(
        _ step: ImportStep, isLast: Bool, isAgain: Bool = false, others: Int = 0, line: (String) -> Void
    ) throws(SchemaError) {
        if !isAgain { note(step) }
        do {
            try session.apply(settings[step.file] ?? [], of: step.file)
        } catch {
            throw lost(error)
        }
        let outcome: StepOutcome
        do {
            outcome = try session.run(step, isLast: isLast)
        } catch {
            if error.refusal == .dependencyMissing, !isLast, !error.isConnectionLoss {
                waiting.append(step)
                return
            }
            try fail(step, error, step.statements, others: isLast ? others : waiting.count, line: line)
            done += 1
            return
        }
        done += 1
        try take(outcome, of: step, line: line)
    }

    private mutating func take(_ outcome: StepOutcome, of step: ImportStep, line: (String) -> Void)
        throws(SchemaError)
    {
        result.existed += outcome.existed
        result.leftOut += outcome.leftOut.count
        if let reason = outcome.skipped {
            result.skipped += 1
            line("\(step.label): skipped, \(reason)")
        } else if outcome.existed == step.statements.count {
            if outcome.notes.isEmpty { line("\(step.label): exists") }
        } else {
            result.created += 1
            line(step.label)
        }
        if outcome.notes.contains(where: { $0.hasPrefix("exists, and differs") }) { result.differing += 1 }
        for note in outcome.notes { line("\(step.label): \(note)") }
        for attribute in outcome.leftOut { line("\(step.label): created without \(attribute)") }
        for failure in outcome.failures {
            try fail(step, failure, failure.statement.map { [$0] } ?? [], others: 0, line: line)
        }
    }

    private mutating func fail(
        _ step: ImportStep, _ failure: StepFailure, _ statements: [SQLStatement], others: Int,
        line: (String) -> Void
    ) throws(SchemaError) {
        let error: PostgresError
        switch failure.cause {
        case .journal(let cause): throw cause
        case .server(let cause): error = cause
        }
        if failure.isConnectionLoss { throw lost(error) }
        let at = failure.statement ?? statements.first
        let number = at?.line ?? step.line
        var reason = error.message
        if let at, at.label != step.label { reason = "\(at.label): \(reason)" }
        let hint =
            failure.attributes.isEmpty
            ? error.hint
            : "the target refuses \(failure.attributes.joined(separator: ", ")); "
                + "--leave-out-refused-attributes true creates it without"
        guard session.options.continueOnError else {
            throw .object(
                label: step.label, file: step.file, line: number, sqlState: error.sqlState, reason: reason,
                hint: hint, others: others)
        }
        try failed.append(
            step, statements, reason: reason, sqlState: error.sqlState, exportDirectory: exportDirectory)
        result.failures.append(
            SchemaImportResult.Failure(
                label: step.label, file: step.file, line: number, sqlState: error.sqlState, reason: reason,
                hint: hint))
        line(
            "\(step.label): failed (\(step.file), line \(number)), \(reason) [SQLSTATE \(error.sqlState)]"
                + "\(hint.map { "; \($0)" } ?? ""); see schema/failed.sql")
    }

    // MARK: Materialized views

    /// Fills the materialized views of the files: those never filled, or all if the options say so.
    mutating func refresh(_ objects: [SchemaObject], line: (String) -> Void) throws(SchemaError) {
        let unfilled = try unpopulatedViews()
        var steps: [ImportStep] = []
        for object in objects {
            for statement in object.statements {
                guard let parts = statement.createdMaterializedView else { continue }
                guard
                    session.options.refreshMaterializedViews
                        || unfilled.contains(parts.joined(separator: "."))
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
