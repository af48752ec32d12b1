/// A mechanical change of a statement after which a rule no longer finds it.
enum RuleFix: Equatable, Sendable {
    /// The whole statement goes. An ALTER TABLE with other subcommands is left alone.
    case deleteStatement
    /// These words go, where they first are at or after the place of the finding, or else where they first
    /// are. Of two phrases that overlap, the first goes.
    case deleteWords([[String]])
    /// The clause goes that begins with this word before the place of the finding, with its parentheses.
    case deleteClause(String)
    /// This word goes with the one after it, where it first is after the place of the finding.
    case deletePair(String)
}

extension Rule {
    /// The rule's mechanical change; nil if there is none.
    var fix: RuleFix? { Self.fixes[id] }

    private static let fixes: [String: RuleFix] = [
        "STORAGE_PARAMETERS": .deleteClause("with"),
        "UNLOGGED_TABLES": .deleteWords([["unlogged"]]),
        "DEFERRABLE_CONSTRAINTS": .deleteWords([
            ["deferrable"], ["initially", "deferred"], ["initially", "immediate"],
        ]),
        "UNIQUE_NULLS_NOT_DISTINCT": .deleteWords([["nulls", "not", "distinct"]]),
        "COMPRESSION_CLAUSE_IN_TABLE": .deletePair("compression"),
        "LZ4_COMPRESSION": .deletePair("compression"),
        "ORDERED_GIN_INDEX": .deleteWords([["asc"], ["desc"]]),
        "DROP_INDEX_CONCURRENTLY": .deleteWords([["concurrently"]]),
        "CTE_WITH_MATERIALIZED_CLAUSE": .deleteWords([["not", "materialized"], ["materialized"]]),
        "ALTER_TABLE_SET_COLUMN_ATTRIBUTE": .deleteStatement,
        "ALTER_TABLE_CLUSTER_ON": .deleteStatement,
        "ALTER_TABLE_DISABLE_RULE": .deleteStatement,
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
        case .deleteStatement:
            guard (statement.tree?.nodes("cmds").count ?? 0) < 2 else { return [] }
            return [0..<statement.statement.text.utf8.count]
        case .deleteWords(let phrases):
            var ranges: [Range<Int>] = []
            for words in phrases {
                guard
                    let at = Self.place(of: words, in: tokens, from: offset)
                        ?? Self.place(of: words, in: tokens, from: 0)
                else { continue }
                let range = Self.range(at...(at + words.count - 1), in: tokens)
                if !ranges.contains(where: { $0.overlaps(range) }) { ranges.append(range) }
            }
            return ranges.sorted { $0.lowerBound < $1.lowerBound }
        case .deletePair(let word):
            guard let at = Self.place(of: [word], in: tokens, from: offset), at + 1 < tokens.count else {
                return []
            }
            return [Self.range(at...(at + 1), in: tokens)]
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

    private static func place(of words: [String], in tokens: [SQLToken], from offset: Int) -> Int? {
        tokens.indices.first { at in
            tokens[at].offset >= offset && at + words.count <= tokens.count
                && words.indices.allSatisfy { tokens[at + $0].isKeyword(words[$0]) }
        }
    }

    /// The bytes from the end of the token before to the end of the last token: the words with the blank
    /// before them.
    private static func range(_ words: ClosedRange<Int>, in tokens: [SQLToken]) -> Range<Int> {
        let last = tokens[words.upperBound]
        let end = last.offset + max(1, last.text.utf8.count)
        return tokens[words.lowerBound].offset..<end
    }
}
