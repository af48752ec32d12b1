/// A query in the body of a function, a procedure or a DO, with its parse tree.
struct EmbeddedQuery: Sendable {
    let tree: Node
    /// The byte of the statement at which the text of the query begins.
    let offset: Int
    let later: [LaterSyntax]

    /// Returns the queries in a statement's bodies. What of a body cannot be parsed is left out: the server
    /// takes such a function too, as long as nobody calls it.
    static func queries(in tree: Node, of statement: SQLStatement) -> [EmbeddedQuery] {
        switch tree.kind {
        case "CreateFunctionStmt":
            let language = tree.option("language")?.node("arg")?.string?.lowercased() ?? "sql"
            guard let body = tree.option("as"), let text = body.node("arg")?.nodes("items").first?.string
            else { return [] }
            let start = offset(of: text, in: statement, from: body.location ?? 0)
            switch language {
            case "sql": return parsed(text, at: start)
            case "plpgsql": return procedural(statement, body: text, at: start)
            default: return []
            }
        case "DoStmt":
            let language = tree.argument("language")?.node("arg")?.string?.lowercased() ?? "plpgsql"
            guard language == "plpgsql", let text = tree.argument("as")?.node("arg")?.string else {
                return []
            }
            return procedural(statement, body: text, at: offset(of: text, in: statement, from: 0))
        default: return []
        }
    }

    /// Parses a text of SQL statements.
    private static func parsed(_ sql: String, at offset: Int) -> [EmbeddedQuery] {
        guard let trees = try? SQLParser.statements(of: sql) else { return rewritten(sql, at: offset) }
        return trees.map { EmbeddedQuery(tree: $0, offset: offset, later: []) }
    }

    private static func rewritten(_ sql: String, at offset: Int) -> [EmbeddedQuery] {
        SQLScanner.itemsUntilFault(of: sql).items.flatMap { item -> [EmbeddedQuery] in
            guard case .statement(let statement) = item else { return [] }
            let rewritten = RewrittenStatement(statement)
            guard let trees = try? SQLParser.statements(of: rewritten.text) else { return [] }
            return trees.map {
                EmbeddedQuery(tree: $0, offset: offset + statement.offset, later: rewritten.found)
            }
        }
    }

    private static func procedural(_ statement: SQLStatement, body: String, at start: Int) -> [EmbeddedQuery]
    {
        guard let functions = try? SQLParser.bodies(of: statement.text) else {
            return UnparsedBody(body).pieces.flatMap { piece -> [EmbeddedQuery] in
                switch piece.kind {
                case .statement: parsed(piece.text, at: start + piece.offset)
                case .value: value(piece.text, at: start + piece.offset)
                case .dynamic: dynamic(piece.text, at: start + piece.offset)
                }
            }
        }
        let lines = LineStarts(body)
        var queries: [EmbeddedQuery] = []
        for function in functions {
            collect(function, line: 1) { holder, field, expression, line in
                guard let text = expression.text("query") else { return }
                let at = start + lines.offset(of: text, fromLine: line)
                queries +=
                    field == "dynquery" ? dynamic(text, at: at) : query(text, of: holder, at: at)
            }
        }
        return queries
    }

    /// Visits the expressions below a node, each with the node and the field that have it, and its line in
    /// the body.
    private static func collect(_ node: Node, line: Int, _ visit: (Node, String, Node, Int) -> Void) {
        let line = node.number("lineno") ?? line
        for field in node.fields {
            switch field.value {
            case .node(let inner): collect(inner, in: node, field.name, line: line, visit)
            case .list(let values):
                for case .node(let inner) in values {
                    collect(inner, in: node, field.name, line: line, visit)
                }
            case .text, .number, .flag, .null: break
            }
        }
    }

    private static func collect(
        _ inner: Node, in node: Node, _ field: String, line: Int, _ visit: (Node, String, Node, Int) -> Void
    ) {
        if inner.kind == "PLpgSQL_expr" {
            visit(node, field, inner, line)
        } else {
            collect(inner, line: line, visit)
        }
    }

    /// Parses an expression as what it is to its statement: a query, a value, an assignment, or a text that
    /// EXECUTE runs.
    private static func query(_ text: String, of holder: Node, at offset: Int) -> [EmbeddedQuery] {
        switch holder.kind {
        case "PLpgSQL_stmt_assign":
            guard let sign = text.utf8Range(of: ":=") ?? text.utf8Range(of: "=") else { return [] }
            return value(
                String(decoding: text.utf8.dropFirst(sign + 1), as: UTF8.self).droppingEquals,
                at: offset + sign + 1)
        case "PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors":
            return dynamic(text, at: offset)
        default:
            let first = text.drop(while: \.isWhitespace).prefix(8).lowercased()
            let isStatement = ["select", "insert", "update", "delete", "with", "merge", "values", "call"]
                .contains { first.hasPrefix($0) }
            if isStatement || holder.kind == "PLpgSQL_stmt_execsql" { return parsed(text, at: offset) }
            return value(text, at: offset)
        }
    }

    private static func dynamic(_ text: String, at offset: Int) -> [EmbeddedQuery] {
        let query = value(text, at: offset)
        return query + query.flatMap { literals(in: $0) }
    }

    private static func value(_ text: String, at offset: Int) -> [EmbeddedQuery] {
        let select = "select "
        return parsed(select + text, at: offset - select.utf8.count)
    }

    /// Returns the statements in the text that an EXECUTE runs: a literal, or the first literal of a
    /// concatenation or of format().
    private static func literals(in query: EmbeddedQuery) -> [EmbeddedQuery] {
        var found: [EmbeddedQuery] = []
        query.tree.walk { node in
            guard found.isEmpty, node.kind == "A_Const", let text = node.string else { return }
            guard let trees = try? SQLParser.statements(of: text) else { return }
            found = trees.map {
                EmbeddedQuery(tree: $0, offset: query.offset + (node.location ?? 0) + 1, later: [])
            }
        }
        return found
    }

    /// Returns the byte at which a text begins in the statement, searched from a byte on.
    private static func offset(of text: String, in statement: SQLStatement, from: Int) -> Int {
        let whole = Array(statement.text.utf8)
        return whole.firstIndex(of: Array(text.utf8), from: from) ?? from
    }
}

/// The lines of a body, to find a query by its text.
private struct LineStarts {
    private let bytes: [UInt8]
    private let starts: [Int]

    init(_ text: String) {
        let all = Array(text.utf8)
        bytes = all
        starts = [0] + all.indices.filter { all[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    }

    func offset(of query: String, fromLine line: Int) -> Int {
        let start = starts[min(max(line, 1), starts.count) - 1]
        if let found = bytes.firstIndex(of: Array(query.utf8), from: start) { return found }
        // The parser writes SELECT for PERFORM.
        let select = "SELECT"
        guard query.hasPrefix(select) else { return start }
        let rest = Array(query.utf8.dropFirst(select.utf8.count))
        return bytes.firstIndex(of: rest, from: start).map { $0 - select.utf8.count } ?? start
    }
}

extension [UInt8] {
    /// Returns where these bytes are, from an index on.
    fileprivate func firstIndex(of other: [UInt8], from start: Int) -> Int? {
        guard let first = other.first, count >= other.count + start else { return nil }
        var at = start
        while at + other.count <= count {
            if self[at] == first, self[at..<(at + other.count)].elementsEqual(other) { return at }
            at += 1
        }
        return nil
    }
}

extension String {
    fileprivate func utf8Range(of sign: String) -> Int? {
        Array(utf8).firstIndex(of: Array(sign.utf8), from: 0)
    }

    /// The text without the second character of `:=`.
    fileprivate var droppingEquals: String { hasPrefix("=") ? " " + dropFirst() : self }
}

extension Node {
    /// The option of this name of a CREATE FUNCTION or of a definition in parentheses.
    func option(_ name: String) -> Node? {
        (nodes("options") + nodes("definition")).first { $0.text("defname") == name }
    }

    fileprivate func argument(_ name: String) -> Node? {
        nodes("args").first { $0.text("defname") == name }
    }
}
