/// A construct that PostgreSQL 15 does not know, and who knows it.
struct LaterSyntax: Equatable, Sendable {
    /// Who knows a construct.
    enum Origin: Equatable, Sendable {
        case yugabyteDB
        /// PostgreSQL from this major version on.
        case postgreSQL(Int)
    }

    /// What a rule makes of a construct.
    enum Subject: Equatable, Sendable {
        case other
        case jsonPredicate
        case jsonConstructor
        case jsonQuery
        case nonDecimalNumber
        case virtualColumn
    }

    /// Its words: `SPLIT INTO`.
    let name: String
    let origin: Origin
    var subject = Subject.other
    /// The byte of the statement at which it begins.
    let offset: Int
}

/// A statement whose later constructs are replaced by what PostgreSQL 15 knows, in as many bytes.
///
/// So the rest of the statement is parsed, and each byte keeps its place.
struct RewrittenStatement {
    private(set) var found: [LaterSyntax] = []
    var text: String { String(decoding: bytes, as: UTF8.self) }

    private var bytes: [UInt8]
    private let tokens: [SQLToken]

    init(_ statement: SQLStatement) {
        bytes = Array(statement.text.utf8)
        tokens = statement.tokens
        rewriteSharding()
        rewriteGenerated()
        rewriteConstraints()
        rewriteNumbers()
        rewriteJSON()
        rewriteMerge()
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

    // MARK: Later releases of PostgreSQL

    private mutating func rewriteGenerated() {
        for at in tokens.indices where isAt(at, ["generated", "always", "as", "("]) {
            let end = close(at + 3)
            if word(end + 1, "stored") { continue }
            note("GENERATED ALWAYS AS … VIRTUAL", .postgreSQL(18), at, .virtualColumn)
            blank(at...(word(end + 1, "virtual") ? end + 1 : end))
        }
    }

    private mutating func rewriteConstraints() {
        for at in tokens.indices {
            if isAt(at, ["not", "enforced"]) {
                note("NOT ENFORCED", .postgreSQL(18), at)
                blank(at...(at + 1))
            } else if word(at, "enforced"), at > 0, tokens[at - 1].isKeyword(")") {
                note("ENFORCED", .postgreSQL(18), at)
                blank(at...at)
            } else if isAt(at, ["without", "overlaps"]) {
                note("WITHOUT OVERLAPS", .postgreSQL(18), at)
                blank(at...(at + 1))
            } else if word(at, "period"), at > 0, tokens[at - 1].isKeyword(","), tokens[at].depth > 0,
                tokens.indices.contains(at + 1), tokens[at + 1].isName
            {
                note("PERIOD", .postgreSQL(18), at)
                blank(at...at)
            }
        }
    }

    private mutating func rewriteNumbers() {
        for (at, token) in tokens.enumerated() where token.kind == .number {
            let second = token.text.dropFirst().first.map { $0.lowercased() }
            let isNonDecimal = token.text.hasPrefix("0") && ["x", "o", "b"].contains(second)
            guard isNonDecimal || token.text.contains("_") else { continue }
            note(
                isNonDecimal ? "a number that is not decimal" : "a number with underscores", .postgreSQL(16),
                at,
                isNonDecimal ? .nonDecimalNumber : .other)
            for byte in (token.offset + 1)..<(token.offset + token.text.utf8.count) {
                bytes[byte] = UInt8(ascii: " ")
            }
        }
    }

    private mutating func rewriteJSON() {
        let constructors: Set = ["json_object", "json_array", "json_objectagg", "json_arrayagg"]
        let queries: Set = [
            "json_table", "json_query", "json_value", "json_exists", "json_scalar", "json_serialize",
        ]
        for (at, token) in tokens.enumerated() where token.kind == .word {
            if token.text == "is" {
                let json = word(at + 1, "not") ? at + 2 : at + 1
                guard word(json, "json") else { continue }
                note("IS JSON", .postgreSQL(16), at, .jsonPredicate)
                replace(json, "null")
                var end = json + 1
                if ["value", "array", "object", "scalar"].contains(where: { word(end, $0) }) { end += 1 }
                if (word(end, "with") || word(end, "without")) && word(end + 1, "unique") {
                    end += word(end + 2, "keys") ? 3 : 2
                }
                if end > json + 1 { blank((json + 1)...(end - 1)) }
            } else if constructors.contains(token.text) || queries.contains(token.text),
                tokens.indices.contains(at + 1), tokens[at + 1].isKeyword("("), close(at + 1) > at + 2
            {
                let isQuery = queries.contains(token.text)
                note(
                    token.text.uppercased(), .postgreSQL(isQuery ? 17 : 16), at,
                    isQuery ? .jsonQuery : .jsonConstructor)
                blank((at + 2)...(close(at + 1) - 1))
            }
        }
    }

    private mutating func rewriteMerge() {
        guard let merge = tokens.firstIndex(where: { $0.isKeyword("merge") }) else { return }
        for at in tokens.indices[merge...] {
            if word(at, "returning"), tokens[at].depth == tokens[merge].depth {
                note("MERGE … RETURNING", .postgreSQL(17), at)
                var end = at
                while end + 1 < tokens.count, tokens[end + 1].depth >= tokens[merge].depth { end += 1 }
                if tokens[end].isKeyword(")") { end -= 1 }
                blank(at...end)
                return
            } else if isAt(at, ["by", "source"]) || isAt(at, ["by", "target"]) {
                note("WHEN NOT MATCHED BY", .postgreSQL(17), at)
                blank(at...(at + 1))
            }
        }
    }

    private mutating func rewriteColumns() {
        guard word(0, "create"), tokens.contains(where: { $0.isKeyword("table") }) else { return }
        for at in tokens.indices where tokens[at].depth == 1 && word(at, "storage") {
            guard ["plain", "external", "extended", "main", "default"].contains(where: { word(at + 1, $0) })
            else {
                continue
            }
            note("STORAGE", .postgreSQL(16), at)
            blank(at...(at + 1))
        }
    }

    // MARK: Tokens

    private func word(_ at: Int, _ keyword: String) -> Bool {
        tokens.indices.contains(at) && tokens[at].isKeyword(keyword)
    }

    private func isAt(_ at: Int, _ keywords: [String]) -> Bool {
        keywords.indices.allSatisfy { word(at + $0, keywords[$0]) }
    }

    /// Returns the parenthesis that closes this one.
    private func close(_ open: Int) -> Int {
        tokens.indices[(open + 1)...].first {
            tokens[$0].isKeyword(")") && tokens[$0].depth == tokens[open].depth
        }
            ?? tokens.count - 1
    }

    private mutating func note(
        _ name: String, _ origin: LaterSyntax.Origin, _ at: Int, _ subject: LaterSyntax.Subject = .other
    ) {
        found.append(LaterSyntax(name: name, origin: origin, subject: subject, offset: tokens[at].offset))
    }

    private mutating func blank(_ range: ClosedRange<Int>) {
        let from = tokens[range.lowerBound].offset
        let last = tokens[range.upperBound]
        let end =
            tokens.indices.contains(range.upperBound + 1)
            ? tokens[range.upperBound + 1].offset : last.offset + max(1, last.text.utf8.count)
        for byte in from..<min(end, bytes.count) where bytes[byte] != UInt8(ascii: "\n") {
            bytes[byte] = UInt8(ascii: " ")
        }
    }

    private mutating func replace(_ at: Int, _ other: String) {
        blank(at...at)
        for (index, byte) in other.utf8.enumerated() { bytes[tokens[at].offset + index] = byte }
    }
}
