/// An attribute of a statement without which its object is the same but for storage, speed or order: a
/// server of another kind may lack it.
struct RefusableAttribute: Equatable, Sendable {
    /// The statement's own words: `COMPRESSION lz4`.
    let words: String
    /// The tokens that are deleted with it; all of them where the whole statement is the attribute.
    fileprivate let tokens: Range<Int>
    /// The first token of the list of options that it belongs to.
    fileprivate let list: Int?
    fileprivate let isWholeStatement: Bool

    /// Whether a server refuses an attribute with this code: a feature that is not supported, an option that
    /// it does not know, an object that it does not have, or a grammar without the words.
    static func isRefused(with sqlState: String) -> Bool {
        ["0A000", "22023", "42704", "42601", "42602"].contains(sqlState)
    }

    /// Returns the attributes of a statement; equal ones of several columns are one element.
    static func attributes(of statement: SQLStatement) -> [[RefusableAttribute]] {
        if let whole = whole(statement) { return [[whole]] }
        guard statement.begins(["create"]) || statement.contains(["add", "constraint"], depth: 0) else {
            return []
        }
        var found: [RefusableAttribute] = []
        let tokens = statement.tokens
        for at in tokens.indices {
            let depth = tokens[at].depth
            if depth <= 1, isClause(tokens[at], depth, statement), let name = statement.name(at: at + 1) {
                found.append(attribute(statement, at..<name.end))
            } else if depth == 0, tokens[at].isKeyword("with"), tokens.indices.contains(at + 1),
                tokens[at + 1].isKeyword("("), !statement.isQuery
            {
                found += options(statement, at)
            }
        }
        var groups: [[RefusableAttribute]] = []
        for attribute in found {
            if let same = groups.firstIndex(where: { $0[0].words == attribute.words }) {
                groups[same].append(attribute)
            } else {
                groups.append([attribute])
            }
        }
        return groups
    }

    private static func isClause(_ token: SQLToken, _ depth: Int, _ statement: SQLStatement) -> Bool {
        if depth == 1 {
            let ofTable =
                ["compression", "storage"].contains { token.isKeyword($0) } && statement.createsTable
            return ofTable || token.isKeyword("collate") && !statement.isQuery
        }
        let isRelation = statement.createsTable || statement.begins(["create", "materialized"])
        return token.isKeyword("tablespace") || token.isKeyword("using") && isRelation
    }

    /// A statement that does nothing else than set an attribute.
    private static func whole(_ statement: SQLStatement) -> RefusableAttribute? {
        let clauses = [
            ["set", "statistics"], ["set", "storage"], ["set", "compression"], ["cluster", "on"],
            ["set", "access", "method"], ["set", "without", "cluster"], ["set", "tablespace"], ["set", "("],
        ]
        let isOfTable = ["table", "index", "materialized"].contains { statement.begins(["alter", $0]) }
        let isMethod =
            statement.begins(["set"])
            && statement.tokens.contains { $0.text == "default_table_access_method" }
        let isOption =
            isOfTable && !statement.tokens.contains { $0.depth == 0 && $0.isKeyword(",") }
            && clauses.contains { statement.contains($0, depth: 0) }
        guard isMethod || isOption else { return nil }
        return RefusableAttribute(
            words: words(statement, statement.tokens.indices), tokens: statement.tokens.indices, list: nil,
            isWholeStatement: true)
    }

    /// The elements of `WITH (…)`.
    private static func options(_ statement: SQLStatement, _ with: Int) -> [RefusableAttribute] {
        var found: [RefusableAttribute] = []
        var from = with + 2
        for at in (with + 2)..<statement.tokens.count {
            let token = statement.tokens[at]
            let isEnd = token.depth == 0
            guard isEnd || token.depth == 1 && token.isKeyword(",") else { continue }
            if from < at {
                found.append(
                    RefusableAttribute(
                        words: "WITH (\(words(statement, from..<at)))", tokens: from..<at, list: with,
                        isWholeStatement: false))
            }
            from = at + 1
            if isEnd { break }
        }
        return found
    }

    private static func attribute(_ statement: SQLStatement, _ tokens: Range<Int>) -> RefusableAttribute {
        RefusableAttribute(
            words: words(statement, tokens), tokens: tokens, list: nil, isWholeStatement: false)
    }

    /// Returns the words of some tokens on one line, without literals.
    private static func words(_ statement: SQLStatement, _ tokens: Range<Int>) -> String {
        var words = ""
        for token in statement.tokens[tokens] {
            let text = token.kind == .literal ? "…" : token.text
            let joins = words.hasSuffix(".") || words.hasSuffix("=") || words.hasSuffix("(")
            if words.isEmpty || joins || [".", "=", "(", ")"].contains(text) {
                words += text
            } else {
                words += " " + text
            }
        }
        return words
    }

    /// Returns the statement without these attributes; nil if nothing is left of it.
    static func statement(_ statement: SQLStatement, without left: [RefusableAttribute]) -> SQLStatement? {
        guard !left.contains(where: \.isWholeStatement) else { return nil }
        let bytes = Array(statement.text.utf8)
        let offset = { (token: Int) in
            statement.tokens.indices.contains(token) ? statement.tokens[token].offset : bytes.count - 1
        }
        var cuts: [(bytes: Range<Int>, instead: String)] = []
        for attribute in left where attribute.list == nil {
            cuts.append((offset(attribute.tokens.lowerBound)..<offset(attribute.tokens.upperBound), " "))
        }
        for list in Set(left.compactMap(\.list)) {
            let all = options(statement, list)
            let kept = all.filter { option in !left.contains { $0.tokens == option.tokens } }
            let end = (all.last?.tokens.upperBound ?? list) + 1
            let texts = kept.map { option in
                String(
                    decoding: bytes[offset(option.tokens.lowerBound)..<offset(option.tokens.upperBound)],
                    as: UTF8.self)
            }
            cuts.append(
                (offset(list)..<offset(end), kept.isEmpty ? " " : "WITH (\(texts.joined(separator: ", "))) "))
        }
        var text = ""
        var from = 0
        for cut in cuts.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) {
            text += String(decoding: bytes[from..<cut.bytes.lowerBound], as: UTF8.self) + cut.instead
            from = cut.bytes.upperBound
        }
        text += String(decoding: bytes[from...], as: UTF8.self)
        guard case .statement(var shorter)? = SQLScanner.itemsUntilFault(of: text).items.first else {
            return nil
        }
        shorter = SQLStatement(
            text: shorter.text, line: statement.line, column: statement.column, offset: statement.offset,
            tokens: shorter.tokens)
        shorter.key = statement.key
        return shorter
    }
}

extension SQLStatement {
    /// Whether it creates a table, also a foreign or unlogged one.
    fileprivate var createsTable: Bool {
        begins(["create", "table"]) || begins(["create", "unlogged", "table"])
            || begins(["create", "foreign", "table"])
    }

    /// Whether its words after the name are a query or a body.
    fileprivate var isQuery: Bool {
        ["view", "function", "procedure", "rule", "policy", "or", "recursive"].contains {
            begins(["create", $0])
        }
    }
}
