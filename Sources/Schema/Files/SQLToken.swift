/// A piece of SQL text as far as the schema room needs to tell pieces apart.
struct SQLToken: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// A keyword or an unquoted name; `text` is folded to lower case as the server folds it.
        case word
        /// A quoted name; `text` is the name itself.
        case quotedName
        /// A literal of any form, a dollar-quoted body among them. Its `text` stays empty: nothing
        /// here looks into values.
        case literal
        case number
        /// One character that is none of the others.
        case symbol
    }

    let kind: Kind
    let text: String
    /// How many parentheses are open around it; a parenthesis itself counts as outside.
    let depth: Int

    /// Whether it is this keyword or character; a quoted name never is.
    func isKeyword(_ keyword: String) -> Bool { (kind == .word || kind == .symbol) && text == keyword }

    var isName: Bool { kind == .word || kind == .quotedName }
}
