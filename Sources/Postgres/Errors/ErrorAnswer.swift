import Records

/// A field of a server's error (manual chapter "Error and Notice Message Fields").
enum ErrorField: UInt8 {
    case sqlState = 0x43  // C
    case message = 0x4D  // M
    case hint = 0x48  // H
    case schema = 0x73  // s
    case table = 0x74  // t
    case constraint = 0x6E  // n
    /// It quotes row values, as DETAIL does: only `copyPlace` reads it.
    case context = 0x57  // W
}

extension PostgresError {
    /// Makes the server's error, without DETAIL.
    init(doing: String, field: (ErrorField) -> String?) {
        let sqlState = field(.sqlState) ?? ""
        let message = field(.message) ?? "no reason given"
        self.init(
            kind: .server, sqlState: sqlState, message: message, doing: doing,
            table: field(.schema).flatMap { schema in
                field(.table).map { QualifiedName(schema: schema, name: $0) }
            },
            constraint: field(.constraint).map { Identifier($0) },
            hint: YugabyteFault(message: message)?.meaning ?? field(.hint) ?? Self.encodingHint(sqlState))
    }

    /// The remedy for a text that one of the two encodings lacks; servers give no hint.
    private static func encodingHint(_ sqlState: String) -> String? {
        switch sqlState {
        case "22021":
            "a text is not valid UTF-8, in which all text travels: rewrite it where it was written, or leave "
                + "its table out"
        case "22P05":
            "the encoding of one database lacks a character: give that database the encoding UTF8, or "
                + "rewrite the text on the other"
        default: nil
        }
    }

    /// Returns a message without the row value in it, whatever the server's language is. Data errors (class
    /// 22) and syntax errors of values (42601, a tsvector) quote the value after a colon. 22003 has it in the
    /// middle, in the language's quotation marks: `value "70000" is out of range for type smallint`. 22P05
    /// has the bytes of a character.
    static func withoutValues(_ message: String, _ sqlState: String) -> String {
        guard sqlState.hasPrefix("22") || sqlState == "42601" else { return message }
        let head = message.prefix { $0 != ":" && $0 != "：" }
        switch sqlState {
        case "22003":
            let parts = head.split(omittingEmptySubsequences: false) { quotes.contains($0) }
            return parts.enumerated().map { $0 % 2 == 0 ? String($1) : "…" }.joined(separator: "\"")
        case "22P05": return String(head.replacing(/0x[0-9a-fA-F]{2}/, with: "…"))
        default: return String(head)
        }
    }

    /// Returns line and column of a COPY error from the context `COPY t, line 3, column c: "value"`, without
    /// table and value; nil for another context. The words are in the server's language.
    static func copyPlace(_ context: String) -> String? {
        guard let line = context.split(separator: "\n").first(where: { $0.hasPrefix("COPY ") }) else {
            return nil
        }
        let head = line.prefix { $0 != ":" && $0 != "：" && !quotes.contains($0) }
        guard let comma = head.firstIndex(where: { $0 == "," || $0 == "、" }) else { return nil }
        var place = String(head[head.index(after: comma)...].trimmingPrefix(while: \.isWhitespace))
        while place.last?.isWhitespace == true { place.removeLast() }
        return place.isEmpty ? nil : place
    }

    private static let quotes: Set<Character> = ["\"", "«", "»", "„", "“", "”", "‹", "›", "「", "」", "『", "』"]

    /// Makes the error from an ErrorResponse: a letter and a string for each field, and a zero byte after the
    /// last.
    init(answer: RawSpan, doing: String) throws(MalformedMessage) {
        var fields: [UInt8: String] = [:]
        var cursor = MessageCursor()
        while case let letter = try cursor.byte(in: answer), letter != 0 {
            fields[letter] = try cursor.string(in: answer)
        }
        self.init(doing: doing) { fields[$0.rawValue] }
    }
}
