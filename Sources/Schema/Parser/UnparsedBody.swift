/// A body in PL/pgSQL that the library's parser refuses, though the server takes it: it knows no RETURN NEXT
/// without an expression, and no cursor with arguments.
///
/// The body is cut at semicolons and at the keywords between which a query or an expression can stand. What
/// then parses is a query of the body; the rest is left out.
struct UnparsedBody {
    /// A piece of the body that may be parsed.
    struct Piece: Equatable {
        /// The meaning of a piece.
        enum Kind: Equatable {
            case statement
            case value
            /// The text that EXECUTE runs.
            case dynamic
        }

        let kind: Kind
        let text: String
        /// The byte of the body at which it begins.
        let offset: Int
    }

    /// The keywords that end one piece and begin the next.
    private static let separators: Set<String> = ["begin", "declare", "then", "else", "loop"]
    private static let statements: Set<String> = [
        "select", "insert", "update", "delete", "merge", "with", "values", "call", "listen", "notify",
        "unlisten",
        "copy", "prepare", "commit", "rollback",
    ]

    private(set) var pieces: [Piece] = []

    init(_ body: String) {
        for case .statement(let statement) in SQLScanner.itemsUntilFault(of: body).items {
            let tokens = statement.tokens
            var start = 0
            for at in tokens.indices where Self.isSeparator(tokens[at]) {
                // In a query, THEN and ELSE belong to a CASE expression.
                let isQuery =
                    Self.statements.contains(tokens[start].text) || tokens[start].isKeyword("for")
                    || tokens[start].isKeyword("open") || Self.isCursor(tokens[start...])
                if isQuery, at > start, !tokens[at].isKeyword("loop") { continue }
                take(statement, start..<at)
                start = at + 1
            }
            take(statement, start..<tokens.count)
        }
    }

    private static func isSeparator(_ token: SQLToken) -> Bool {
        token.kind == .word && token.depth == 0 && separators.contains(token.text)
    }

    private mutating func take(_ statement: SQLStatement, _ range: Range<Int>) {
        let tokens = statement.tokens
        guard let first = range.first else { return }
        let word = tokens[first].kind == .word ? tokens[first].text : ""
        switch word {
        case "perform": add(.value, statement, (first + 1)..<range.upperBound)
        case "return":
            let isQuery = first + 1 < range.upperBound && tokens[first + 1].isKeyword("query")
            let isNext = first + 1 < range.upperBound && tokens[first + 1].isKeyword("next")
            if isQuery {
                take(statement, (first + 2)..<range.upperBound)
            } else {
                add(.value, statement, (first + (isNext ? 2 : 1))..<range.upperBound)
            }
        case "if", "elsif", "elseif", "while", "when", "assert", "case":
            add(.value, statement, (first + 1)..<range.upperBound)
        case "execute": add(.dynamic, statement, (first + 1)..<range.upperBound)
        case "for", "foreach":
            guard let source = tokens[range].firstIndex(where: { $0.isKeyword("in") }) else { return }
            take(statement, (source + 1)..<range.upperBound)
        case "open":
            guard let sign = tokens[range].firstIndex(where: { $0.isKeyword("for") }) else { return }
            take(statement, (sign + 1)..<range.upperBound)
        case _ where Self.statements.contains(word): add(.statement, statement, range)
        case _ where Self.isCursor(tokens[range]):
            let sign = tokens[range].firstIndex {
                ($0.isKeyword("for") || $0.isKeyword("is")) && $0.depth == tokens[first].depth
            }
            if let sign { take(statement, (sign + 1)..<range.upperBound) }
        default:
            let sign = range.dropLast().first { tokens[$0].isKeyword(":") && tokens[$0 + 1].isKeyword("=") }
            if let sign { add(.value, statement, (sign + 2)..<range.upperBound) }
        }
    }

    /// Whether it declares a cursor: `name [NO SCROLL] CURSOR`.
    private static func isCursor(_ tokens: ArraySlice<SQLToken>) -> Bool {
        tokens.dropFirst().first { !$0.isKeyword("no") && !$0.isKeyword("scroll") }?.isKeyword("cursor")
            ?? false
    }

    private mutating func add(_ kind: Piece.Kind, _ statement: SQLStatement, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let tokens = statement.tokens
        let start = tokens[range.lowerBound].offset
        let isLast = range.upperBound == tokens.count
        let end = isLast ? statement.text.utf8.count - 1 : tokens[range.upperBound].offset
        let bytes = Array(statement.text.utf8)[start..<max(start, end)]
        pieces.append(
            Piece(kind: kind, text: String(decoding: bytes, as: UTF8.self), offset: statement.offset + start))
    }
}
