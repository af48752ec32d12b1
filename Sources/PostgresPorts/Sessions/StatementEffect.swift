import Engine
import Foundation
import Records

/// What the text of a statement says about the tables: whether it writes to one of them. The text may be cut
/// off.
struct StatementEffect {
    private let tables: [Identifier: QualifiedName]

    /// A table whose name several schemas have is found by its schema, too, so the first one counts here.
    init(_ tables: [QualifiedName]) {
        self.tables = Dictionary(tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static let writing: Set<String> = ["insert", "update", "delete", "merge", "truncate"]
    private static let reading: Set<String> = ["show", "values", "table", "fetch", "declare", "listen"]

    func of(_ text: String) -> WriterSample.Statement.Effect {
        let words = Self.words(text)
        guard let first = words.first(where: { $0 != "(" }) else { return .unknown }
        switch first {
        case _ where Self.writing.contains(first): return written(words[...])
        case "copy":
            // COPY ... FROM STDIN writes; COPY ... TO reads.
            return words.contains("from") && !words.contains("to") ? written(words[...]) : .reads
        case "with":
            guard let verb = words.firstIndex(where: Self.writing.contains) else { return .unknown }
            return written(words[verb...])
        case "select": return words.contains("(") ? .unknown : .reads
        case _ where Self.reading.contains(first): return .reads
        default: return .unknown
        }
    }

    /// The first table that is named is the one that is written to. Another table's triggers may write to
    /// ours.
    private func written(_ words: ArraySlice<String>) -> WriterSample.Statement.Effect {
        for word in words {
            if let table = tables[Identifier(word)] { return .writes(table) }
        }
        return .unknown
    }

    /// The words of a text in lowercase, quoted names as they are, and opening parentheses. Literals and
    /// comments are left out.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var rest = Substring(text)
        while let character = rest.first {
            if rest.hasPrefix("--") {
                rest = rest.drop { $0 != "\n" }
            } else if rest.hasPrefix("/*") {
                rest = rest.range(of: "*/").map { rest[$0.upperBound...] } ?? ""
            } else if character == "'" {
                rest = after(rest.dropFirst(), "'")
            } else if character == "\"" {
                let body = rest.dropFirst().prefix { $0 != "\"" }
                words.append(String(body))
                rest = rest.dropFirst(body.count + 2)
            } else if character.isLetter || character == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
                words.append(word.lowercased())
                rest = rest.dropFirst(word.count)
            } else {
                if character == "(" { words.append("(") }
                rest = rest.dropFirst()
            }
        }
        return words
    }

    private static func after(_ text: Substring, _ mark: Character) -> Substring {
        text.firstIndex(of: mark).map { text[text.index(after: $0)...] } ?? ""
    }
}
