/// Where in an import a statement has its place. The order of the cases is the order of the import:
/// first what others need. What this order cannot know (a default that calls a function, a function
/// that returns a view's row) the retries of the import make good.
enum ImportStage: Int, Comparable, Sendable {
    case schema, collation, `extension`, type, domain, sequence, table, sequenceOwnership
    case function, aggregate, procedure, `operator`, conversion, foreignTable
    case view, materializedView, uniqueIndex, rule, foreignKey, policy, uncategorized, comment
    // The second pass, when the data is there.
    case notValidConstraint, index, trigger, eventTrigger, heldComment

    static func < (left: ImportStage, right: ImportStage) -> Bool { left.rawValue < right.rawValue }

    /// Whether it waits for the data: it would slow the load down, or fire on it, or refuse it.
    var isSecondPass: Bool { self >= .notValidConstraint }

    /// Whether the statements that follow in the same object go with it.
    var hasFollowers: Bool {
        switch self {
        case .uniqueIndex, .index, .trigger, .eventTrigger: true
        case .schema, .collation, .extension, .type, .domain, .sequence, .table, .sequenceOwnership,
            .function,
            .aggregate, .procedure, .operator, .conversion, .foreignTable, .view, .materializedView, .rule,
            .foreignKey, .policy, .uncategorized, .comment, .notValidConstraint, .heldComment:
            false
        }
    }

    /// What the statement does decides, and the file it lies in where the statement does not say.
    init(of statement: SQLStatement, type: SchemaObjectType, held: HeldNames) {
        if let index = statement.createdIndex {
            self = index.isUnique ? .uniqueIndex : .index
        } else if let index = statement.alteredIndex {
            // The partitions' half of a unique index or a primary key must be whole before foreign keys.
            self = held.indexes.contains(index) ? .index : .uniqueIndex
        } else if let index = statement.usedIndex, held.indexes.contains(index) {
            self = .index
        } else if statement.isNotValidConstraint || statement.validates(held.constraints) {
            self = .notValidConstraint
        } else if statement.begins(["alter", "table"]), statement.contains(["foreign", "key"], depth: 0) {
            self = .foreignKey
        } else if statement.begins(["create", "event", "trigger"]) || statement.begins(["alter", "event"]) {
            self = .eventTrigger
        } else if type == .trigger || statement.isTrigger {
            self = .trigger
        } else if statement.begins(["comment", "on"]) {
            self = statement.commentsOnHeld(held) ? .heldComment : .comment
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
    /// The index a CREATE INDEX makes, as `schema.name`: an index lies in its table's schema.
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

    /// The index an ALTER INDEX is about; with ATTACH PARTITION that is the parent.
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

    /// Whether it validates a constraint that is held back.
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

    /// Whether it is a comment on something the second pass makes.
    fileprivate func commentsOnHeld(_ held: HeldNames) -> Bool {
        guard let subject = name(at: 3)?.parts.joined(separator: ".") else { return false }
        if begins(["comment", "on", "trigger"]) { return true }
        if begins(["comment", "on", "event"]) { return true }
        if begins(["comment", "on", "index"]) { return held.indexes.contains(subject) }
        if begins(["comment", "on", "constraint"]) { return held.constraints.contains(subject) }
        return false
    }
}
