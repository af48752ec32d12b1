/// A statement whose later constructs are replaced by what PostgreSQL 15 knows, in as many bytes.
///
/// So the rest of the statement is parsed, and each byte keeps its place.
struct RewrittenStatement {
    private(set) var found: [LaterSyntax] = []
    var text: String { String(decoding: bytes, as: UTF8.self) }

    var bytes: [UInt8]
    let tokens: [SQLToken]

    init(_ statement: SQLStatement) {
        bytes = Array(statement.text.utf8)
        tokens = statement.tokens
        rewriteSharding()
        rewriteGenerated()
        rewriteConstraints()
        rewriteNumbers()
        rewriteJSON()
        rewriteMerges()
        rewriteColumns()
    }

    // MARK: YugabyteDB

    private mutating func rewriteSharding() {
        for at in tokens.indices {
            if isAt(at, ["split", "into"]), word(at + 3, "tablets") {
                note("SPLIT INTO", .yugabyteDB, at)
                blank(at...(at + 3))
            } else if isAt(at, ["split", "at", "values", "("]) {
                note("SPLIT AT VALUES", .yugabyteDB, at)
                blank(at...close(at + 3))
            } else if word(at, "nonconcurrently") {
                note("NONCONCURRENTLY", .yugabyteDB, at)
                blank(at...at)
            } else if word(at, "tablegroup"), at > 3, tokens.indices.contains(at + 1), tokens[at].depth == 0 {
                note("TABLEGROUP", .yugabyteDB, at)
                blank(at...(at + 1))
            } else if isAt(at, ["replica", "identity", "change"]) {
                note("REPLICA IDENTITY CHANGE", .yugabyteDB, at)
                replace(at + 2, "full")
            } else if isAt(at, ["primary", "key", "("]) || isAt(at, ["unique", "("]) {
                rewriteKey(open: at + (word(at, "unique") ? 1 : 2), isIndex: false)
            } else if word(at, "hash"), at > 0, tokens[at - 1].isKeyword(")"), word(0, "create") {
                rewriteKeyGroup(hash: at)
            }
        }
    }

    /// Removes HASH, ASC and DESC, and the parentheses around several hashed columns, from a key.
    private mutating func rewriteKey(open: Int, isIndex: Bool) {
        for at in open...close(open) where tokens[at].depth == tokens[open].depth + 1 {
            switch tokens[at].text {
            case "hash" where at > open + 1 && !tokens[at - 1].isKeyword(","):
                note("HASH", .yugabyteDB, at)
                if tokens[at - 1].isKeyword(")") { rewriteKeyGroup(hash: at) } else { blank(at...at) }
            case "asc" where at > open + 1 && !tokens[at - 1].isKeyword(","),
                "desc" where at > open + 1 && !tokens[at - 1].isKeyword(","):
                note("ASC", .yugabyteDB, at)
                blank(at...at)
            default: break
            }
        }
    }

    private mutating func rewriteKeyGroup(hash: Int) {
        guard bytes[tokens[hash].offset] != UInt8(ascii: " ") else { return }
        let depth = tokens[hash].depth
        guard let open = tokens[..<(hash - 1)].lastIndex(where: { $0.isKeyword("(") && $0.depth == depth })
        else { return }
        if !found.contains(where: { $0.offset == tokens[hash].offset }) { note("HASH", .yugabyteDB, hash) }
        blank(hash...hash)
        blank(open...open)
        blank((hash - 1)...(hash - 1))
    }

    // MARK: Tokens

    func word(_ at: Int, _ keyword: String) -> Bool {
        tokens.indices.contains(at) && tokens[at].isKeyword(keyword)
    }

    func isAt(_ at: Int, _ keywords: [String]) -> Bool {
        keywords.indices.allSatisfy { word(at + $0, keywords[$0]) }
    }

    /// Returns the parenthesis that closes this one.
    func close(_ open: Int) -> Int {
        tokens.indices[(open + 1)...].first {
            tokens[$0].isKeyword(")") && tokens[$0].depth == tokens[open].depth
        }
            ?? tokens.count - 1
    }

    mutating func note(
        _ name: String, _ origin: LaterSyntax.Origin, _ at: Int, _ subject: LaterSyntax.Subject = .other
    ) {
        found.append(LaterSyntax(name: name, origin: origin, subject: subject, offset: tokens[at].offset))
    }

    mutating func blank(_ range: ClosedRange<Int>) {
        let from = tokens[range.lowerBound].offset
        let last = tokens[range.upperBound]
        let end =
            tokens.indices.contains(range.upperBound + 1)
            ? tokens[range.upperBound + 1].offset : last.offset + max(1, last.text.utf8.count)
        for byte in from..<min(end, bytes.count) where bytes[byte] != UInt8(ascii: "\n") {
            bytes[byte] = UInt8(ascii: " ")
        }
    }

    mutating func replace(_ at: Int, _ other: String) { replace(at...at, other) }
    /// Writes a text over tokens that are at least as long, and blanks the rest of them.
    mutating func replace(_ range: ClosedRange<Int>, _ other: String) {
        blank(range)
        for (index, byte) in other.utf8.enumerated() {
            bytes[tokens[range.lowerBound].offset + index] = byte
        }
    }
}
