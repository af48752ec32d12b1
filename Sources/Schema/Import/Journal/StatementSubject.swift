import Records

/// What a statement makes or alters, by its words.
struct StatementSubject: Equatable, Sendable {
    /// The kinds of subjects that an import can find again in a database.
    enum Kind: String, Sendable {
        case schema, `extension`, relation, type, routine, constraint, trigger, rule, policy, statistics
    }

    let kind: Kind
    /// The parts of its name without quotes; a constraint's or trigger's follow those of its table.
    let parts: [String]
    /// The tokens of the name within the statement.
    let tokens: Range<Int>
    /// Whether the statement creates it.
    let isCreated: Bool

    var name: String { parts.joined(separator: ".") }
    var quoted: String { parts.map(quoteIdentifier).joined(separator: ".") }

    /// The words of CREATE that say which kind follows.
    private static let kinds: [(words: [String], kind: Kind)] = [
        (["schema"], .schema), (["extension"], .extension), (["foreign", "table"], .relation),
        (["unlogged", "table"], .relation), (["table"], .relation), (["recursive", "view"], .relation),
        (["view"], .relation), (["materialized", "view"], .relation), (["sequence"], .relation),
        (["type"], .type), (["domain"], .type), (["function"], .routine), (["procedure"], .routine),
        (["aggregate"], .routine), (["statistics"], .statistics),
    ]

    /// Returns what the statement needs to be there for its effect to be there; empty if that cannot be said.
    static func subjects(of statement: SQLStatement) -> [StatementSubject] {
        if statement.begins(["create"]) { return created(statement).map { [$0] } ?? [] }
        guard statement.begins(["alter", "table"]) || statement.begins(["alter", "domain"]) else { return [] }
        let isTable = statement.tokens[1].isKeyword("table")
        var at = 2
        for word in ["if", "exists", "only"] where statement.tokens.indices.contains(at) {
            if statement.tokens[at].isKeyword(word) { at += 1 }
        }
        guard let name = statement.name(at: at) else { return [] }
        let subject = StatementSubject(
            kind: isTable ? .relation : .type, parts: name.parts, tokens: at..<name.end, isCreated: false)
        guard let add = statement.index(of: ["add", "constraint"], depth: 0),
            let constraint = statement.name(at: add + 2)
        else { return [subject] }
        return [
            subject,
            StatementSubject(
                kind: .constraint, parts: name.parts + constraint.parts, tokens: (add + 2)..<constraint.end,
                isCreated: true),
        ]
    }

    /// Returns what a CREATE statement creates; nil for kinds that are not found again.
    static func created(_ statement: SQLStatement) -> StatementSubject? {
        guard statement.begins(["create"]) else { return nil }
        if let index = statement.createdIndex, !index.name.isEmpty {
            let parts = index.name.split(separator: ".", maxSplits: 1).map(String.init)
            return StatementSubject(kind: .relation, parts: parts, tokens: 0..<0, isCreated: true)
        }
        var at = 1
        if statement.index(of: ["or", "replace"]) == 1 { at = 3 }
        if let ofTable = ofTable(statement, at) { return ofTable }
        for (words, kind) in kinds {
            let found = statement.tokens.dropFirst(at).prefix(words.count)
            guard found.count == words.count, zip(found, words).allSatisfy({ $0.isKeyword($1) }) else {
                continue
            }
            at += words.count
            let conditional = ["if", "not", "exists"]
            let next = statement.tokens.dropFirst(at).prefix(conditional.count)
            if next.count == conditional.count, zip(next, conditional).allSatisfy({ $0.isKeyword($1) }) {
                at += conditional.count
            }
            guard let name = statement.name(at: at) else { return nil }
            return StatementSubject(kind: kind, parts: name.parts, tokens: at..<name.end, isCreated: true)
        }
        return nil
    }

    /// Returns a trigger, rule or policy, whose name is within that of its table.
    private static func ofTable(_ statement: SQLStatement, _ start: Int) -> StatementSubject? {
        var at = start
        if statement.tokens.indices.contains(at), statement.tokens[at].isKeyword("constraint") { at += 1 }
        guard statement.tokens.indices.contains(at),
            let (_, kind, before) = [
                ("trigger", Kind.trigger, "on"), ("policy", .policy, "on"), ("rule", .rule, "to"),
            ].first(where: { statement.tokens[at].isKeyword($0.0) }),
            let name = statement.name(at: at + 1),
            let on = statement.index(of: [before], depth: 0, from: name.end),
            let table = statement.name(at: on + 1)
        else { return nil }
        return StatementSubject(
            kind: kind, parts: table.parts + name.parts, tokens: (at + 1)..<name.end, isCreated: true)
    }
}
