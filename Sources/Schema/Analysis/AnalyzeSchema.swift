import Records

/// Reads the files as they are now and returns the issues of the migration, most severe first.
///
/// The rules check keywords and names, not a parse tree. They see what a statement says, not what a name
/// refers to.
package func analyzeSchema(files: SchemaFiles, targetIsYugabyteDB: Bool) throws(SchemaError) -> [SchemaIssue]
{
    schemaIssues(in: try files.scripts(), targetIsYugabyteDB: targetIsYugabyteDB)
}

/// Returns the issues of files that were read already.
func schemaIssues(in scripts: [SchemaScript], targetIsYugabyteDB: Bool) -> [SchemaIssue] {
    let schema = SchemaFacts(scripts)
    let rules = SchemaRule.everyTarget + (targetIsYugabyteDB ? SchemaRule.yugabyteDB : [])
    var issues: [SchemaIssue] = []
    for object in scripts.flatMap(\.objects) {
        for statement in object.statements {
            let subject = Subject(statement: statement, type: object.type, schema: schema)
            for rule in rules {
                guard let finding = rule.finds(subject) else { continue }
                issues.append(
                    SchemaIssue(
                        rule: rule.id, severity: rule.severity, objectType: object.type.rawValue,
                        object: object.name, reason: rule.reason.replacing("%", with: finding),
                        suggestion: rule.suggestion, file: object.file, line: statement.line))
            }
        }
    }
    return issues.enumerated().sorted { left, right in
        left.element.severity == right.element.severity
            ? left.offset < right.offset : left.element.severity < right.element.severity
    }.map(\.element)
}

/// The subject of a rule: one statement, and facts from the other statements.
struct Subject {
    let statement: SQLStatement
    let type: SchemaObjectType
    let schema: SchemaFacts
}

/// One rule of the analysis: its name, its texts, and when it applies.
struct SchemaRule: Sendable {
    let id: String
    let severity: SchemaIssue.Severity
    /// One sentence; a `%` in it stands for what was found.
    let reason: String
    let suggestion: String
    /// Returns what was found, or nil if the rule does not apply.
    let finds: @Sendable (Subject) -> String?

    init(
        _ id: String, _ severity: SchemaIssue.Severity, _ reason: String, _ suggestion: String,
        finds: @escaping @Sendable (Subject) -> String?
    ) {
        self.id = id
        self.severity = severity
        self.reason = reason
        self.suggestion = suggestion
        self.finds = finds
    }

    /// Makes a rule that applies or not, without a name to insert.
    init(
        _ id: String, _ severity: SchemaIssue.Severity, _ reason: String, _ suggestion: String,
        when applies: @escaping @Sendable (Subject) -> Bool
    ) {
        self.init(id, severity, reason, suggestion, finds: { applies($0) ? "" : nil })
    }
}

/// The facts that rules need from other statements: which tables have a primary key or a replica identity.
struct SchemaFacts: Sendable {
    private(set) var tablesWithPrimaryKey: Set<String> = []
    private(set) var tablesWithReplicaIdentity: Set<String> = []

    init(_ scripts: [SchemaScript]) {
        for statement in scripts.flatMap(\.objects).flatMap(\.statements) {
            guard let table = statement.tableName else { continue }
            if statement.contains(["primary", "key"]) { tablesWithPrimaryKey.insert(table) }
            if statement.contains(["replica", "identity", "full"], depth: 0)
                || statement.contains(["replica", "identity", "using"], depth: 0)
            {
                tablesWithReplicaIdentity.insert(table)
            }
        }
    }
}

extension SQLStatement {
    /// The columns of a CREATE TABLE, each with the first word of its type.
    var columnTypes: [(column: String, type: String)] {
        guard begins(["create"]), tableName != nil,
            let open = tokens.firstIndex(where: { $0.isKeyword("(") && $0.depth == 0 })
        else { return [] }
        var columns: [(String, String)] = []
        var atStart = true
        for at in (open + 1)..<tokens.count {
            let token = tokens[at]
            if token.depth == 0 { break }
            if atStart, token.depth == 1, token.isName, at + 1 < tokens.count,
                !["constraint", "primary", "unique", "check", "foreign", "exclude", "like"].contains(
                    where: token.isKeyword),
                let type = name(at: at + 1)
            {
                columns.append((token.text, type.parts.last ?? ""))
            }
            atStart = token.depth == 1 && token.isKeyword(",")
        }
        return columns
    }

    /// The access method of a CREATE INDEX.
    var indexMethod: String? {
        guard createdIndex != nil, let using = index(of: ["using"], depth: 0), using + 1 < tokens.count else {
            return nil
        }
        return tokens[using + 1].text
    }
}
