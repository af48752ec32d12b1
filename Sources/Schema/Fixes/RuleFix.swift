/// A mechanical change of a statement after which a rule no longer finds it.
enum RuleFix: Equatable, Sendable {
    /// The whole statement goes. An ALTER TABLE with other subcommands is left alone. So is one that creates
    /// an object, if another statement names the object.
    case deleteStatement
    /// These words go, where they first are in the statement.
    case deleteFirst([String])
    /// These words go, where they first are at or after the place of the finding.
    case deleteWords([[String]])
    /// DEFERRABLE and INITIALLY go from the constraint at the place of the finding, and from no other.
    case deleteTiming
    /// COMPRESSION goes with its method, in all columns; with a method, only where it is that one. A
    /// statement that only sets it goes as a whole.
    case deleteCompression(String?)
    /// The clause goes that begins with this word before the place of the finding, with its parentheses.
    case deleteClause(String)
    /// MATERIALIZED or NOT MATERIALIZED goes, after the AS of the query at the place of the finding.
    case deleteMaterialized
}

extension Rule {
    /// The rule's mechanical change; nil if there is none.
    var fix: RuleFix? { Self.fixes[id] }

    private static let fixes: [String: RuleFix] = [
        "STORAGE_PARAMETERS": .deleteClause("with"),
        "UNLOGGED_TABLES": .deleteFirst(["unlogged"]),
        "DEFERRABLE_CONSTRAINTS": .deleteTiming,
        "UNIQUE_NULLS_NOT_DISTINCT": .deleteWords([["nulls", "not", "distinct"]]),
        "COMPRESSION_CLAUSE_IN_TABLE": .deleteCompression(nil),
        "LZ4_COMPRESSION": .deleteCompression("lz4"),
        "ORDERED_GIN_INDEX": .deleteWords([["asc"], ["desc"]]),
        "DROP_INDEX_CONCURRENTLY": .deleteFirst(["concurrently"]),
        "CTE_WITH_MATERIALIZED_CLAUSE": .deleteMaterialized,
        "ALTER_TABLE_SET_COLUMN_ATTRIBUTE": .deleteStatement,
        "ALTER_TABLE_CLUSTER_ON": .deleteStatement,
        "ALTER_TABLE_SET_STATISTICS": .deleteStatement,
        "ALTER_TABLE_SET_STORAGE": .deleteStatement,
        "ALTER_TABLE_RESET_COLUMN_ATTRIBUTE": .deleteStatement,
        "ALTER_TABLE_SET_WITHOUT_CLUSTER": .deleteStatement,
        "CREATE_CONVERSION": .deleteStatement,
        "REDUNDANT_INDEXES": .deleteStatement,
        "REINDEX": .deleteStatement,
    ]
}

extension RuleFix {
    /// Returns the bytes of the statement that go; empty if the fix does not apply to this statement.
    func ranges(in statement: ParsedStatement, at offset: Int) -> [Range<Int>] {
        let tokens = statement.statement.tokens
        switch self {
        case .deleteStatement: return Self.whole(statement)
        case .deleteFirst(let words):
            return Self.place(of: words, in: tokens, from: 0).map {
                [Self.range($0...($0 + words.count - 1), in: tokens)]
            } ?? []
        case .deleteWords(let phrases):
            return phrases.compactMap { words in
                Self.place(of: words, in: tokens, from: offset).map {
                    Self.range($0...($0 + words.count - 1), in: tokens)
                }
            }.sorted { $0.lowerBound < $1.lowerBound }
        case .deleteTiming: return Self.timing(in: tokens, at: offset)
        case .deleteCompression(let method): return Self.compression(method, in: statement)
        case .deleteMaterialized: return Self.materialized(in: tokens, at: offset)
        case .deleteClause(let word):
            guard
                let at = tokens.lastIndex(where: { $0.isKeyword(word) && $0.offset < offset }),
                at + 1 < tokens.count, tokens[at + 1].isKeyword("("),
                let close = tokens[(at + 2)...].firstIndex(where: {
                    $0.isKeyword(")") && $0.depth == tokens[at + 1].depth
                })
            else { return [] }
            return [Self.range(at...close, in: tokens)]
        }
    }

    private static func whole(_ statement: ParsedStatement) -> [Range<Int>] {
        guard (statement.tree?.nodes("cmds").count ?? 0) < 2 else { return [] }
        return [0..<statement.statement.text.utf8.count]
    }

    private static func timing(in tokens: [SQLToken], at offset: Int) -> [Range<Int>] {
        let keys: Set = ["unique", "primary", "exclude"]
        guard
            let key = tokens.firstIndex(where: {
                $0.offset >= offset && $0.kind == .word && keys.contains($0.text)
            })
        else { return [] }
        // The constraint ends at a comma, at the parenthesis around it, or where the next one begins.
        let next: Set = [
            ",", "constraint", "references", "check", "default", "generated", "collate", "primary", "unique",
        ]
        let depth = tokens[key].depth
        let end =
            tokens[(key + 1)...].firstIndex { token in
                token.depth < depth
                    || (token.depth == depth && next.contains { token.isKeyword($0) })
            } ?? tokens.count
        let phrases = [
            ["not", "deferrable"], ["deferrable"], ["initially", "deferred"], ["initially", "immediate"],
        ]
        var ranges: [Range<Int>] = []
        for words in phrases {
            guard let at = place(of: words, in: tokens, from: tokens[key].offset), at + words.count <= end
            else { continue }
            let range = range(at...(at + words.count - 1), in: tokens)
            if !ranges.contains(where: { $0.overlaps(range) }) { ranges.append(range) }
        }
        return ranges.sorted { $0.lowerBound < $1.lowerBound }
    }

    private static func compression(_ method: String?, in statement: ParsedStatement) -> [Range<Int>] {
        guard let tree = statement.tree else { return [] }
        let tokens = statement.statement.tokens
        return tree.compressions.filter { method == nil || $0.method == method }.flatMap { column in
            // A column can have the name, too: the clause is behind its type.
            guard let type = column.typeOffset else { return whole(statement) }
            guard
                let at = tokens.firstIndex(where: { $0.offset > type && $0.isKeyword("compression") }),
                at + 1 < tokens.count
            else { return [] }
            return [range(at...(at + 1), in: tokens)]
        }
    }

    private static func materialized(in tokens: [SQLToken], at offset: Int) -> [Range<Int>] {
        guard let name = tokens.firstIndex(where: { $0.offset >= offset }),
            let sign = tokens[name...].firstIndex(where: {
                $0.isKeyword("as") && $0.depth == tokens[name].depth
            })
        else { return [] }
        let last = sign + 1 < tokens.count && tokens[sign + 1].isKeyword("not") ? sign + 2 : sign + 1
        guard last < tokens.count, tokens[last].isKeyword("materialized") else { return [] }
        return [range((sign + 1)...last, in: tokens)]
    }

    private static func place(of words: [String], in tokens: [SQLToken], from offset: Int) -> Int? {
        tokens.indices.first { at in
            tokens[at].offset >= offset && at + words.count <= tokens.count
                && words.indices.allSatisfy { tokens[at + $0].isKeyword(words[$0]) }
        }
    }

    /// The bytes from the first of these words to the end of the last.
    private static func range(_ words: ClosedRange<Int>, in tokens: [SQLToken]) -> Range<Int> {
        let last = tokens[words.upperBound]
        let end = last.offset + max(1, last.text.utf8.count)
        return tokens[words.lowerBound].offset..<end
    }
}
