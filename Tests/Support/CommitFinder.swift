/// Finds the commits in the bytes that a client sends to a server: a statement COMMIT, or the Sync after
/// several statements outside of a transaction block, which the server makes one transaction (manual chapter
/// "Message Flow", "Extended Query" and "Pipelining").
package struct CommitFinder {
    /// Whether the session has started; until then messages have no letter.
    private var isStarted = false
    private var head: [UInt8] = []
    /// The rest of the message in bytes, and its first bytes.
    private var rest = 0
    private var text: [UInt8] = []
    private var executions = 0
    private var isInBlock = false

    private static let textBytesMax = 64
    /// The requests for encryption that a client may send before the start.
    private static let encryptionRequests: [UInt32] = [80_877_103, 80_877_104]

    package init() {}

    /// Takes the next bytes; true if a commit ends in them.
    package mutating func take(_ bytes: ArraySlice<UInt8>) -> Bool {
        var found = false
        for byte in bytes {
            let headBytes = isStarted ? 5 : 4
            if head.count < headBytes {
                head.append(byte)
                guard head.count == headBytes else { continue }
                rest = Int(number(head.suffix(4))) - 4
                text = []
            } else {
                rest -= 1
                if text.count < Self.textBytesMax { text.append(byte) }
            }
            guard rest <= 0 else { continue }
            if isStarted {
                if endsTransaction(head[0]) { found = true }
            } else {
                isStarted = !Self.encryptionRequests.contains(number(text.prefix(4)))
            }
            head = []
        }
        return found
    }

    private mutating func endsTransaction(_ letter: UInt8) -> Bool {
        switch letter {
        case UInt8(ascii: "Q"): return follow(statement: text[...])
        case UInt8(ascii: "P"): return follow(statement: text.drop { $0 != 0 }.dropFirst())
        case UInt8(ascii: "E"):
            executions += 1
            return false
        case UInt8(ascii: "S"):
            defer { executions = 0 }
            return executions > 1 && !isInBlock
        default: return false
        }
    }

    /// Whether the text is the statement COMMIT, and not a name or a comment with that word.
    private mutating func follow(statement: ArraySlice<UInt8>) -> Bool {
        let words = String(decoding: statement.prefix { $0 != 0 }, as: UTF8.self).lowercased()
        if words.hasPrefix("begin") { isInBlock = true }
        guard words == "commit" || words == "rollback" else { return false }
        isInBlock = false
        executions = 0
        return words == "commit"
    }

    private func number(_ bytes: some Sequence<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
