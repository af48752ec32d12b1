/// How many statements name a word. It tells whether an object can go with the statement that creates it.
struct NameMentions {
    private var counts: [String: Int] = [:]

    init(_ statements: [ParsedStatement]) {
        for statement in statements {
            for name in Set(statement.statement.tokens.filter(\.isName).map(\.text)) {
                counts[name, default: 0] += 1
            }
        }
    }

    /// Whether a statement besides its own names the object, as far as words tell: an object of the same name
    /// in another schema counts as well.
    func isNamedElsewhere(_ statement: ParsedStatement) -> Bool {
        guard let name = statement.createdName else { return true }
        return counts[name, default: 0] > 1
    }
}

extension ParsedStatement {
    /// The name of the index or the conversion that it creates, without its schema.
    fileprivate var createdName: String? {
        switch tree?.kind {
        case "IndexStmt": tree?.text("idxname")
        case "CreateConversionStmt": tree?.texts("conversion_name").last
        default: nil
        }
    }
}
