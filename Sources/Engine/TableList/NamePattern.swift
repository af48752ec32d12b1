import Records

/// A pattern by which the operator names tables: `table` or `schema.table`, with `*` for any text and `?` for
/// any one scalar.
///
/// As in SQL, double quotes keep the case, and a dot (`"a.b".c`); without them the case does not matter.
/// `U&"…"` is read as the program shows a name; a character that is escaped there is no wildcard.
struct NamePattern {
    /// A part of the pattern.
    private enum Token: Equatable {
        case anyText
        case anyScalar
        case exactly(Unicode.Scalar)
        /// A letter that matches in upper or lower case.
        case letter(Unicode.Scalar)
    }

    /// Nil if the pattern has no schema.
    private var schema: [Token]?
    private var name: [Token] = []

    init(_ text: String) {
        // By scalars: to the server a quote or a dot with a combining accent is still a quote or a dot.
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            if rest.starts(with: "U&\"".unicodeScalars), name.isEmpty {
                rest = rest.dropFirst(3)
                takeQuoted(&rest, hasEscapes: true)
                continue
            }
            switch rest.removeFirst() {
            case "\"": takeQuoted(&rest, hasEscapes: false)
            case "." where schema == nil:
                schema = name
                name = []
            case let scalar: name.append(Self.glob(scalar) ?? .letter(scalar))
            }
        }
    }

    /// Takes the text in quotes, with the closing quote.
    private mutating func takeQuoted(_ rest: inout Substring.UnicodeScalarView, hasEscapes: Bool) {
        while let scalar = rest.popFirst() {
            if scalar == "\"" {
                guard rest.first == "\"" else { return }
                rest.removeFirst()
                name.append(.exactly(scalar))
            } else if scalar == "\\", hasEscapes, let meant = ShownName.escape(&rest) {
                name.append(.exactly(meant))
            } else {
                name.append(Self.glob(scalar) ?? .exactly(scalar))
            }
        }
    }

    private static func glob(_ scalar: Unicode.Scalar) -> Token? {
        switch scalar {
        case "*": .anyText
        case "?": .anyScalar
        default: nil
        }
    }

    /// The pattern that matches this name and no other, also one that differs in case.
    static func exactly(_ table: QualifiedName) -> String {
        [table.schema, table.name].map { part in
            guard part.text.unicodeScalars.contains(where: { glob($0) != nil }) else {
                return quoteIdentifier(part)
            }
            // An escaped character is no wildcard.
            return ShownName.escaping(part.text) { glob($0) != nil }
        }.joined(separator: ".")
    }

    /// The name of the table in lower case, if the pattern has no wildcard in it; nil if it has one.
    var plainName: String? {
        var text = String.UnicodeScalarView()
        for token in name {
            switch token {
            case .anyText, .anyScalar: return nil
            case .exactly(let scalar), .letter(let scalar): text.append(contentsOf: Self.lower(scalar))
            }
        }
        return String(text)
    }

    /// A name in lower case, as `plainName` has it.
    static func lower(_ identifier: Identifier) -> String {
        var text = String.UnicodeScalarView()
        for scalar in identifier.text.unicodeScalars { text.append(contentsOf: lower(scalar)) }
        return String(text)
    }

    func matches(_ table: QualifiedName) -> Bool {
        (schema.map { Self.matches($0, table.schema) } ?? true) && Self.matches(name, table.name)
    }

    private static func matches(_ glob: [Token], _ identifier: Identifier) -> Bool {
        let text = Array(identifier.text.unicodeScalars)
        var (star, mark, g, t) = (-1, 0, 0, 0)
        while t < text.count {
            if g < glob.count, glob[g] == .anyText {
                (star, mark, g) = (g, t, g + 1)
            } else if g < glob.count, isMet(glob[g], by: text[t]) {
                (g, t) = (g + 1, t + 1)
            } else if star >= 0 {
                mark += 1
                (g, t) = (star + 1, mark)
            } else {
                return false
            }
        }
        return glob[g...].allSatisfy { $0 == .anyText }
    }

    private static func isMet(_ token: Token, by scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .anyText: false
        case .anyScalar: true
        case .exactly(let wanted): wanted == scalar
        case .letter(let wanted): wanted == scalar || lower(wanted) == lower(scalar)
        }
    }

    private static func lower(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        Array(scalar.properties.lowercaseMapping.unicodeScalars)
    }
}

extension Migration {
    /// Returns the table that the operator names, as in `--table-list`: one that is migrated, or was created
    /// after the start.
    package func table(named text: String) throws -> QualifiedName {
        let record = try record()
        let known = Set(
            try journal.tables().map(\.table.name) + record.setAsideTables.map(\.table)
                + (record.newTables ?? []).map(\.table))
        let written = QualifiedName(parsing: text)
        if known.contains(written) { return written }
        let pattern = NamePattern(text)
        let found = known.filter(pattern.matches).sorted()
        guard found.count <= 1 else {
            throw RequestRefused(
                "\(ShownName.onOneLine(text)) is more than one table: \(found.listed); name one")
        }
        return found.first ?? written
    }
}
