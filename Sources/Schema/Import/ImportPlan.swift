/// One object, or its statements of this pass, that the import runs in one transaction.
struct ImportStep: Equatable, Sendable {
    let label: String
    let type: SchemaObjectType
    let stage: ImportStage
    let file: String
    let line: Int
    var statements: [SQLStatement]
}

/// The order of one pass of an import, as a list of steps. It is a value: nothing runs here.
struct ImportPlan: Equatable, Sendable {
    private(set) var steps: [ImportStep] = []
    /// The objects that are skipped on purpose, each with the reason.
    private(set) var skipped: [(label: String, reason: String)] = []

    static func == (left: ImportPlan, right: ImportPlan) -> Bool {
        left.steps == right.steps && left.skipped.elementsEqual(right.skipped, by: ==)
    }

    init(scripts: [SchemaScript], options: SchemaImportOptions, targetIsYugabyteDB: Bool) {
        let deferred = DeferredNames(scripts)
        for script in scripts {
            for object in script.objects where options.takes(object.type) {
                place(
                    object, deferred: deferred, secondPass: options.postSnapshotImport,
                    isYugabyteDB: targetIsYugabyteDB)
            }
        }
        // Within a stage the steps keep the order of the files, which is the dump's.
        let rank = { (step: ImportStep) -> (Int, Int) in
            let given = options.straightOrder ? options.include.firstIndex(of: step.type) ?? -1 : 0
            return (given, step.stage.rawValue)
        }
        steps = steps.enumerated().sorted { left, right in
            let (a, b) = (rank(left.element), rank(right.element))
            return a == b ? left.offset < right.offset : a < b
        }.map(\.element)
        if !options.straightOrder { steps = DependencyOrder.ordered(steps) }
    }

    /// Removes the statements that an earlier import has applied, and returns how many they are.
    mutating func remove(_ applied: Set<StatementKey>) -> Int {
        let before = steps.reduce(0) { $0 + $1.statements.count }
        for at in steps.indices {
            steps[at].statements.removeAll { $0.key.map(applied.contains) ?? false }
        }
        steps.removeAll(where: \.statements.isEmpty)
        return before - steps.reduce(0) { $0 + $1.statements.count }
    }

    private mutating func place(
        _ object: SchemaObject, deferred: DeferredNames, secondPass: Bool, isYugabyteDB: Bool
    ) {
        var stage: ImportStage?
        let before = steps.count
        for statement in object.statements {
            if let reason = Self.reasonToLeaveOut(statement, isYugabyteDB: isYugabyteDB) {
                if !secondPass { skipped.append((object.label, reason)) }
                continue
            }
            // A statement after an index or a trigger in the same object needs it (CLUSTER ON, REPLICA
            // IDENTITY USING INDEX, DISABLE TRIGGER).
            if stage?.hasFollowers != true || statement.begins(["create"]) {
                stage = ImportStage(of: statement, type: object.type, deferred: deferred)
            }
            guard let stage, stage.isSecondPass == secondPass else { continue }
            if steps.count > before, steps.last?.stage == stage {
                steps[steps.count - 1].statements.append(statement)
            } else {
                steps.append(
                    ImportStep(
                        label: object.label, type: object.type, stage: stage, file: object.file,
                        line: object.line, statements: [statement]))
            }
        }
    }

    private static func reasonToLeaveOut(_ statement: SQLStatement, isYugabyteDB: Bool) -> String? {
        if statement.begins(["create", "schema"]), statement.name(at: 2)?.parts == ["public"] {
            return "every database has it"
        }
        guard isYugabyteDB else { return nil }
        if statement.contains(["replica", "identity"], depth: 0) { return "YugabyteDB sets it by itself" }
        if statement.begins(["set"]),
            statement.tokens.contains(where: { $0.text == "default_table_access_method" })
        {
            return "YugabyteDB has one table access method"
        }
        return nil
    }
}

/// The names of objects that the first pass defers. Comments on them and attachments to them are deferred,
/// too.
struct DeferredNames: Equatable, Sendable {
    /// Non-unique indexes, as `schema.name`, or `name` if the file names no schema.
    private(set) var indexes: Set<String> = []
    /// The names of constraints that are NOT VALID.
    private(set) var constraints: Set<String> = []

    init(_ scripts: [SchemaScript]) {
        for statement in scripts.flatMap(\.objects).flatMap(\.statements) {
            if let index = statement.createdIndex, !index.isUnique {
                indexes.insert(index.name)
            }
            if statement.isNotValidConstraint, let at = statement.index(of: ["constraint"], depth: 0),
                let name = statement.name(at: at + 1)
            {
                constraints.insert(name.parts.joined(separator: "."))
            }
        }
    }
}
