/// A token of SQL text, with the kinds that the rules distinguish.
struct SQLToken: Equatable, Sendable {
    /// The kind of a token.
    enum Kind: Equatable, Sendable {
        /// A keyword or an unquoted name; `text` is folded to lower case as the server folds it.
        case word
        /// A quoted name; `text` is the name itself.
        case quotedName
        /// A literal of any form, including a dollar-quoted body. Its `text` is empty, because no rule reads
        /// values.
        case literal
        case number
        /// Any other character.
        case symbol
    }

    let kind: Kind
    let text: String
    /// The number of parentheses around it; a parenthesis itself counts as outside.
    let depth: Int
    /// The byte of the statement at which it begins.
    var offset = 0

    /// Returns whether it is this keyword or character; a quoted name never is.
    func isKeyword(_ keyword: String) -> Bool { (kind == .word || kind == .symbol) && text == keyword }

    var isName: Bool { kind == .word || kind == .quotedName }
}
