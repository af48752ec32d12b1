/// What a server says of an error, field by field (manual chapter "Error and Notice Message Fields").
enum ErrorField: UInt8 {
    case sqlState = 0x43  // C
    case message = 0x4D  // M
    case hint = 0x48  // H
    case schema = 0x73  // s
    case table = 0x74  // t
    case constraint = 0x6E  // n
}

extension PostgresError {
    /// The server's error without DETAIL; of class 22 the text after the colon goes too, which is the value.
    init(doing: String, field: (ErrorField) -> String?) {
        let sqlState = field(.sqlState) ?? ""
        var message = field(.message) ?? "no reason given"
        if sqlState.hasPrefix("22"), let colon = message.firstIndex(of: ":") {
            message = String(message[..<colon])
        }
        let schema = field(.schema)
        self.init(
            kind: .server, sqlState: sqlState, message: message, doing: doing,
            table: field(.table).map { table in schema.map { $0 + "." + table } ?? table },
            constraint: field(.constraint), hint: field(.hint))
    }

    /// The same of an ErrorResponse: a letter and a string for each field, and a zero byte after the last.
    init(answer: RawSpan, doing: String) throws(MalformedMessage) {
        var fields: [UInt8: String] = [:]
        var cursor = MessageCursor()
        while case let letter = try cursor.byte(in: answer), letter != 0 {
            fields[letter] = try cursor.string(in: answer)
        }
        self.init(doing: doing) { fields[$0.rawValue] }
    }
}
