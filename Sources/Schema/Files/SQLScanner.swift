/// A scanner that reads SQL text as `psql` does. A semicolon ends no statement inside a string, a quoted
/// name, a dollar quote, a nested comment, or a body between BEGIN ATOMIC and END.
///
/// It is no parser. It finds where statements begin and end, and which words are keywords.
struct SQLScanner {
    /// A piece of the text.
    enum Item: Equatable {
        case statement(SQLStatement)
        /// The comment line that pg_dump writes before an object.
        case header(ObjectHeader, line: Int)
        /// A line that begins with a backslash, outside any statement.
        case psqlCommand(String, line: Int)
    }

    /// The error for a string, name or comment that has no end.
    struct Unterminated: Error, Equatable {
        let line: Int
        let what: String
    }

    private let bytes: [UInt8]
    private var at = 0
    private var line = 1
    private var items: [Item] = []

    private var tokens: [SQLToken] = []
    private var depth = 0
    /// Open BEGIN ATOMIC and CASE … END of a function's SQL body.
    private var bodyDepth = 0
    private var start = 0
    private var startLine = 1

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // A byte-order mark is no part of the first statement.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    static func items(of text: String) throws(Unterminated) -> [Item] {
        var scanner = SQLScanner(Array(text.utf8))
        try scanner.run()
        return scanner.items
    }

    /// Returns also what comes before a string, name or comment that has no end.
    static func itemsUntilFault(of text: String) -> (items: [Item], fault: Unterminated?) {
        var scanner = SQLScanner(Array(text.utf8))
        do {
            try scanner.run()
        } catch {
            return (scanner.items, error)
        }
        return (scanner.items, nil)
    }

    private mutating func run() throws(Unterminated) {
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                at += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0C, 0x0B:
                at += 1
            case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
                lineComment()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                try blockComment()
            case UInt8(ascii: "'"):
                try quoted(by: byte, backslashEscapes: false)
            case UInt8(ascii: "\""):
                try quoted(by: byte, backslashEscapes: false)
            case UInt8(ascii: "$"):
                try dollar()
            case UInt8(ascii: "\\") where tokens.isEmpty:
                let text = restOfLine()
                items.append(.psqlCommand(text, line: line))
            case UInt8(ascii: ";") where bodyDepth == 0 && (depth == 0 || !isRule):
                at += 1
                endStatement(through: at)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let from = at
                while at < bytes.count, Self.isNameByte(bytes[at]) || bytes[at] == UInt8(ascii: ".") {
                    at += 1
                }
                append(.number, text(from, at), from: from)
            case _ where Self.isNameByte(byte):
                try word()
            default:
                symbol(byte)
            }
        }
        if !tokens.isEmpty { endStatement(through: bytes.count) }
    }

    // MARK: Tokens

    private mutating func word() throws(Unterminated) {
        let from = at
        while at < bytes.count, Self.isNameByte(bytes[at]) || bytes[at] == UInt8(ascii: "$") { at += 1 }
        let word = text(from, at).lowercased()
        if word == "e", peek(0) == UInt8(ascii: "'") {
            if tokens.isEmpty { mark(from) }
            try quoted(by: UInt8(ascii: "'"), backslashEscapes: true)
            return
        }
        append(.word, word, from: from)
        guard isRoutine else { return }
        switch word {
        case "atomic" where tokens.dropLast().last?.isKeyword("begin") == true: bodyDepth += 1
        case "case" where bodyDepth > 0: bodyDepth += 1
        case "end" where bodyDepth > 0: bodyDepth -= 1
        default: break
        }
    }

    /// Whether the current statement is a CREATE FUNCTION or PROCEDURE, whose body may contain statements.
    private var isRoutine: Bool {
        guard tokens.count > 2, tokens[0].isKeyword("create") else { return false }
        let kind = tokens[1].isKeyword("or") && tokens.count > 3 ? tokens[3] : tokens[1]
        return kind.isKeyword("function") || kind.isKeyword("procedure")
    }

    /// Whether the current statement is a CREATE RULE, which may have statements in parentheses. In any other
    /// statement a semicolon inside parentheses means that one of them is missing.
    private var isRule: Bool {
        guard tokens.count > 2, tokens[0].isKeyword("create") else { return false }
        return (tokens[1].isKeyword("or") && tokens.count > 3 ? tokens[3] : tokens[1]).isKeyword("rule")
    }

    private mutating func symbol(_ byte: UInt8) {
        if byte == UInt8(ascii: ")") { depth = max(0, depth - 1) }
        append(.symbol, String(UnicodeScalar(byte)), from: at)
        if byte == UInt8(ascii: "(") { depth += 1 }
        at += 1
    }

    private mutating func lineComment() {
        let commentLine = line
        let text = restOfLine()
        guard depth == 0, bodyDepth == 0, let header = ObjectHeader(comment: text) else { return }
        // A statement without its semicolon ends where the next object begins.
        if !tokens.isEmpty { endStatement(through: at - text.utf8.count) }
        items.append(.header(header, line: commentLine))
    }

    private mutating func blockComment() throws(Unterminated) {
        let from = line
        var open = 0
        repeat {
            guard at < bytes.count else { throw Unterminated(line: from, what: "a comment") }
            if bytes[at] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                open += 1
                at += 2
            } else if bytes[at] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                open -= 1
                at += 2
            } else {
                if bytes[at] == UInt8(ascii: "\n") { line += 1 }
                at += 1
            }
        } while open > 0
    }

    private mutating func quoted(by quote: UInt8, backslashEscapes: Bool) throws(Unterminated) {
        let isName = quote == UInt8(ascii: "\"")
        let from = at
        let fromLine = line
        if tokens.isEmpty, !backslashEscapes { mark(from) }
        at += 1
        while true {
            guard at < bytes.count else {
                throw Unterminated(line: fromLine, what: isName ? "a quoted name" : "a string")
            }
            if bytes[at] == quote {
                guard peek(1) == quote else { break }
                at += 1
            } else if backslashEscapes, bytes[at] == UInt8(ascii: "\\") {
                at += 1
            }
            if at < bytes.count, bytes[at] == UInt8(ascii: "\n") { line += 1 }
            at += 1
        }
        at += 1
        let name =
            isName ? text(from + 1, at - 1).split(separator: "\"\"", omittingEmptySubsequences: false) : []
        tokens.append(
            SQLToken(
                kind: isName ? .quotedName : .literal, text: name.joined(separator: "\""), depth: depth,
                offset: from - start))
    }

    private mutating func dollar() throws(Unterminated) {
        let from = at
        var end = at + 1
        if end < bytes.count, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) {
            while end < bytes.count, Self.isNameByte(bytes[end]) { end += 1 }
        }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return symbol(bytes[at]) }
        let tag = Array(bytes[from...end])
        let fromLine = line
        if tokens.isEmpty { mark(from) }
        at = end + 1
        while true {
            guard at + tag.count <= bytes.count else {
                throw Unterminated(line: fromLine, what: "a dollar-quoted body")
            }
            if bytes[at] == tag[0], bytes[at..<(at + tag.count)].elementsEqual(tag) { break }
            if bytes[at] == UInt8(ascii: "\n") { line += 1 }
            at += 1
        }
        at += tag.count
        tokens.append(SQLToken(kind: .literal, text: "", depth: depth, offset: from - start))
    }

    // MARK: Statements

    private mutating func append(_ kind: SQLToken.Kind, _ text: String, from: Int) {
        if tokens.isEmpty { mark(from) }
        tokens.append(SQLToken(kind: kind, text: text, depth: depth, offset: from - start))
    }

    private mutating func mark(_ from: Int) {
        start = from
        startLine = line
    }

    private mutating func endStatement(through end: Int) {
        defer {
            tokens = []
            depth = 0
            bodyDepth = 0
        }
        guard !tokens.isEmpty else { return }
        var sql = text(start, end)
        while let last = sql.last, last.isWhitespace { sql.removeLast() }
        if !sql.hasSuffix(";") { sql += "\n;" }
        items.append(
            .statement(
                SQLStatement(
                    text: sql, line: startLine, column: column(of: start), offset: start, tokens: tokens)))
    }

    /// Returns the column of a byte, counted in characters from 1.
    private func column(of byte: Int) -> Int {
        var column = 1
        var before = byte - 1
        while before >= 0, bytes[before] != UInt8(ascii: "\n") {
            if bytes[before] & 0xC0 != 0x80 { column += 1 }
            before -= 1
        }
        return column
    }

    private mutating func restOfLine() -> String {
        let from = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
        return text(from, at)
    }

    private func peek(_ ahead: Int) -> UInt8? { at + ahead < bytes.count ? bytes[at + ahead] : nil }

    private func text(_ from: Int, _ end: Int) -> String {
        String(decoding: bytes[from..<end], as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
            true
        default: false
        }
    }
}
