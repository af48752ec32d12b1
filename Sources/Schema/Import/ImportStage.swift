/// The stage of an import in which a statement runs. The order of the cases is the order of the import:
/// first what others need. The retries of the import handle what this order cannot know, such as a default
/// that calls a function, or a function that returns a view's row.
enum ImportStage: Int, Comparable, Sendable {
    case schema, collation, `extension`, type, domain, sequence, table, sequenceOwnership
    case function, aggregate, procedure, `operator`, conversion, foreignTable
    case view, materializedView, uniqueIndex, rule, foreignKey, policy, uncategorized, comment
    // The second pass, after the data.
    case notValidConstraint, index, trigger, eventTrigger, deferredComment

    static func < (left: ImportStage, right: ImportStage) -> Bool { left.rawValue < right.rawValue }

    /// Whether it runs after the data: before, it would slow the load down, fire on it, or refuse it.
    var isSecondPass: Bool { self >= .notValidConstraint }

    /// Whether the next statements of the same object belong to it.
    var hasFollowers: Bool {
        switch self {
        case .uniqueIndex, .index, .trigger, .eventTrigger: true
        case .schema, .collation, .extension, .type, .domain, .sequence, .table, .sequenceOwnership,
            .function,
            .aggregate, .procedure, .operator, .conversion, .foreignTable, .view, .materializedView, .rule,
            .foreignKey, .policy, .uncategorized, .comment, .notValidConstraint, .deferredComment:
            false
        }
    }

    /// Decides by what the statement does, or by its file if the statement does not say.
    init(of statement: SQLStatement, type: SchemaObjectType, deferred: DeferredNames) {
        if let index = statement.createdIndex {
            self = index.isUnique ? .uniqueIndex : .index
        } else if let index = statement.alteredIndex {
            // A unique index or primary key must be attached on all partitions before foreign keys.
            self = deferred.indexes.contains(index) ? .index : .uniqueIndex
        } else if let index = statement.usedIndex, deferred.indexes.contains(index) {
            self = .index
        } else if statement.isNotValidConstraint || statement.validates(deferred.constraints) {
            self = .notValidConstraint
        } else if statement.begins(["alter", "table"]), statement.contains(["foreign", "key"], depth: 0) {
            self = .foreignKey
        } else if statement.begins(["create", "event", "trigger"]) || statement.begins(["alter", "event"]) {
            self = .eventTrigger
        } else if type == .trigger || statement.isTrigger {
            self = .trigger
        } else if statement.begins(["comment", "on"]) {
            self = statement.commentsOnDeferred(deferred) ? .deferredComment : .comment
        } else {
            self.init(type, statement)
        }
    }

    private init(_ type: SchemaObjectType, _ statement: SQLStatement) {
        switch type {
        case .schema: self = .schema
        case .collation: self = .collation
        case .extension: self = .extension
        case .type: self = .type
        case .domain: self = .domain
        case .sequence: self = statement.begins(["create"]) ? .sequence : .sequenceOwnership
        case .table: self = statement.begins(["alter", "sequence"]) ? .sequenceOwnership : .table
        case .index: self = .uniqueIndex
        case .function: self = .function
        case .aggregate: self = .aggregate
        case .procedure: self = .procedure
        case .operator: self = .operator
        case .conversion: self = .conversion
        case .foreignTable: self = .foreignTable
        case .view: self = .view
        case .materializedView: self = .materializedView
        case .trigger: self = .trigger
        case .rule: self = .rule
        case .policy: self = .policy
        case .uncategorized: self = .uncategorized
        case .comment: self = .comment
        }
    }
}

extension SQLStatement {
    /// The index that a CREATE INDEX makes, as `schema.name`: an index is in its table's schema.
    var createdIndex: (name: String, isUnique: Bool)? {
        let isUnique = begins(["create", "unique", "index"])
        guard isUnique || begins(["create", "index"]), let on = index(of: ["on"], depth: 0) else {
            return nil
        }
        guard on > 0, tokens[on - 1].isName, !tokens[on - 1].isKeyword("index") else { return ("", isUnique) }
        var table = on + 1
        if tokens.indices.contains(table), tokens[table].isKeyword("only") { table += 1 }
        let schema = name(at: table).flatMap { $0.parts.count > 1 ? $0.parts[0] + "." : nil } ?? ""
        return (schema + tokens[on - 1].text, isUnique)
    }

    /// The index that an ALTER INDEX changes; with ATTACH PARTITION it is the parent.
    fileprivate var alteredIndex: String? {
        guard begins(["alter", "index"]) else { return nil }
        let conditional = index(of: ["if", "exists"]) == 2
        return name(at: conditional ? 4 : 2)?.parts.joined(separator: ".")
    }

    /// The index that CLUSTER ON or REPLICA IDENTITY USING INDEX names, as `schema.name`.
    fileprivate var usedIndex: String? {
        guard begins(["alter", "table"]), let table = tableName else { return nil }
        let clauses = [["cluster", "on"], ["replica", "identity", "using", "index"]]
        for clause in clauses {
            guard let at = index(of: clause, depth: 0), let index = name(at: at + clause.count) else {
                continue
            }
            let schema = table.split(separator: ".").dropLast().map { $0 + "." }.joined()
            return schema + index.parts.joined(separator: ".")
        }
        return nil
    }

    /// Whether it validates a constraint that is deferred.
    fileprivate func validates(_ constraints: Set<String>) -> Bool {
        guard begins(["alter", "table"]), let at = index(of: ["validate", "constraint"], depth: 0),
            let constraint = name(at: at + 2)
        else { return false }
        return constraints.contains(constraint.parts.joined(separator: "."))
    }

    var isNotValidConstraint: Bool {
        begins(["alter"]) && ends(["not", "valid"]) && contains(["add", "constraint"], depth: 0)
    }

    var isTrigger: Bool {
        ["trigger", "constraint"].contains { begins(["create", $0]) }
            || begins(["create", "or", "replace", "trigger"])
            || (begins(["alter", "table"])
                && [
                    ["disable", "trigger"], ["enable", "trigger"], ["always", "trigger"],
                    ["replica", "trigger"],
                ]
                .contains { contains($0, depth: 0) })
    }

    /// Whether it is a comment on an object of the second pass.
    fileprivate func commentsOnDeferred(_ deferred: DeferredNames) -> Bool {
        guard let subject = name(at: 3)?.parts.joined(separator: ".") else { return false }
        if begins(["comment", "on", "trigger"]) { return true }
        if begins(["comment", "on", "event"]) { return true }
        if begins(["comment", "on", "index"]) { return deferred.indexes.contains(subject) }
        if begins(["comment", "on", "constraint"]) { return deferred.constraints.contains(subject) }
        return false
    }
}
