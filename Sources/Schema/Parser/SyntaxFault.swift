/// The reason why a statement has no parse tree, and the place of the fault.
struct SyntaxFault: Error, Equatable, Sendable {
    /// The parser's words, without a value of the statement other than the word it stopped at.
    let reason: String
    /// The byte of the statement at which the parser stopped; nil if it says none.
    let offset: Int?

    init(reason: String, offset: Int? = nil) {
        self.reason = reason
        self.offset = offset
    }
}
