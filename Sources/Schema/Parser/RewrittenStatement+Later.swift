/// The rewriting of what PostgreSQL has from its version 16 on.
extension RewrittenStatement {
    mutating func rewriteNumbers() {
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

    mutating func rewriteJSON() {
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

    mutating func rewriteMerges() {
        for at in tokens.indices where word(at, "merge") && word(at + 1, "into") {
            if at > 0, tokens[at - 1].isKeyword("("), tokens[at].depth > 0 {
                // PostgreSQL 15 takes no MERGE within WITH.
                note("MERGE within WITH", .postgreSQL(17), at)
                replace(at...(close(at - 1) - 1), "select 1")
            } else {
                rewriteMerge(at)
            }
        }
    }

    private mutating func rewriteMerge(_ merge: Int) {
        let depth = tokens[merge].depth
        for at in merge..<tokens.count {
            if tokens[at].isKeyword(";"), tokens[at].depth == depth { return }
            if word(at, "returning"), tokens[at].depth == depth {
                note("MERGE … RETURNING", .postgreSQL(17), at)
                var end = at
                while end + 1 < tokens.count, tokens[end + 1].depth >= depth, !word(end + 1, ";") { end += 1 }
                return blank(at...end)
            } else if isAt(at, ["not", "matched", "by", "source"]) {
                note("WHEN NOT MATCHED BY", .postgreSQL(17), at + 2)
                // What may follow is what may follow WHEN MATCHED.
                blank(at...at)
                blank((at + 2)...(at + 3))
            } else if isAt(at, ["not", "matched", "by", "target"]) {
                note("WHEN NOT MATCHED BY", .postgreSQL(17), at + 2)
                blank((at + 2)...(at + 3))
            }
        }
    }

    mutating func rewriteColumns() {
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
}
