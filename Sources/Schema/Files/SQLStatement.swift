/// One statement of a file, with its text and its tokens.
package struct SQLStatement: Equatable, Sendable {
    /// The text with its closing semicolon.
    package let text: String
    /// The line of the file it begins on, counted from 1.
    package let line: Int
    /// The column of that line it begins in, counted in characters from 1.
    let column: Int
    /// The byte of the file it begins at.
    let offset: Int
    /// Its tokens without comments and without the closing semicolon.
    let tokens: [SQLToken]
    /// What distinguishes it in the journal of an import; nil where no import reads it.
    var key: StatementKey?

    init(text: String, line: Int, column: Int = 1, offset: Int = 0, tokens: [SQLToken]) {
        self.text = text
        self.line = line
        self.column = column
        self.offset = offset
        self.tokens = tokens
    }

    /// Returns the line and column of the file that a byte of the statement is in.
    func position(of byte: Int) -> (line: Int, column: Int) {
        var line = line
        var column = column
        for unit in text.utf8.prefix(byte) {
            if unit == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if unit & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }

    /// Whether it begins with these keywords.
    func begins(_ keywords: [String]) -> Bool {
        tokens.count >= keywords.count && zip(tokens, keywords).allSatisfy { $0.isKeyword($1) }
    }

    /// Whether it ends with these keywords.
    func ends(_ keywords: [String]) -> Bool {
        tokens.count >= keywords.count
            && zip(tokens.suffix(keywords.count), keywords).allSatisfy { $0.isKeyword($1) }
    }

    /// Returns where these keywords are next to each other, at this depth of parentheses or at any.
    func index(of keywords: [String], depth: Int? = nil, from start: Int = 0) -> Int? {
        guard tokens.count >= keywords.count + start else { return nil }
        return (start...(tokens.count - keywords.count)).first { at in
            (depth == nil || tokens[at].depth == depth)
                && keywords.indices.allSatisfy { tokens[at + $0].isKeyword(keywords[$0]) }
        }
    }

    func contains(_ keywords: [String], depth: Int? = nil) -> Bool {
        index(of: keywords, depth: depth) != nil
    }

    /// Returns the name that begins at this token, in parts without quotes, and the index after it.
    func name(at start: Int) -> (parts: [String], end: Int)? {
        guard tokens.indices.contains(start), tokens[start].isName else { return nil }
        var parts = [tokens[start].text]
        var at = start + 1
        while at + 1 < tokens.count, tokens[at].isKeyword("."), tokens[at + 1].isName {
            parts.append(tokens[at + 1].text)
            at += 2
        }
        return (parts, at)
    }

    /// The relation of `CREATE … TABLE name` or `ALTER TABLE [ONLY] name`, as `schema.name`.
    var tableName: String? {
        guard let table = index(of: ["table"], depth: 0), table < 4 else { return nil }
        var at = table + 1
        for optional in [["if", "not", "exists"], ["if", "exists"], ["only"]] {
            let words = tokens.dropFirst(at).prefix(optional.count)
            if words.count == optional.count, zip(words, optional).allSatisfy({ $0.isKeyword($1) }) {
                at += optional.count
            }
        }
        return name(at: at)?.parts.joined(separator: ".")
    }

    /// Whether it sets a parameter of the session.
    var isSetting: Bool {
        begins(["set"]) || (begins(["select"]) && tokens.contains { $0.isKeyword("set_config") })
    }

    /// Its first words without literals, for messages about statements without a comment line.
    var label: String {
        var words: [String] = []
        for token in tokens.prefix(12) {
            guard token.depth == 0, token.kind != .literal, !token.isKeyword("(") else { break }
            if token.isKeyword(".") || words.last?.hasSuffix(".") == true {
                words[words.count - 1] += token.text
            } else {
                guard words.count < 6 else { break }
                words.append(token.text)
            }
        }
        return words.isEmpty ? "statement" : words.joined(separator: " ")
    }
}
