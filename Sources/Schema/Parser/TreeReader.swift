/// Reads the JSON text in which the parser answers, as a tree of nodes.
///
/// An object with one field whose name begins with a capital letter, `{"CreateStmt": {…}}`, is the node of
/// that kind.
struct TreeReader {
    /// How deep objects and lists may lie within each other. A tree of hand-written SQL has some dozens.
    static let deepest = 3000

    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func read(_ json: [UInt8]) throws(SyntaxFault) -> Node.Value {
        var reader = TreeReader(json)
        return try reader.value(named: "")
    }

    private mutating func value(named name: String) throws(SyntaxFault) -> Node.Value {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw SyntaxFault(reason: "the statement is nested too deeply") }
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(named: name)
        case UInt8(ascii: "["): return try list(named: name)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"):
            at += 4
            return .flag(true)
        case UInt8(ascii: "f"):
            at += 5
            return .flag(false)
        case UInt8(ascii: "n"):
            at += 4
            return .null
        default: return .number(try number())
        }
    }

    private mutating func object(named name: String) throws(SyntaxFault) -> Node.Value {
        at += 1
        var fields: [Node.Field] = []
        while true {
            skipBlanks()
            if try peek() == UInt8(ascii: "}") { break }
            if bytes[at] == UInt8(ascii: ",") {
                at += 1
                skipBlanks()
            }
            let key = try text()
            skipBlanks()
            guard try peek() == UInt8(ascii: ":") else { throw Self.unreadable }
            at += 1
            fields.append(Node.Field(name: key, value: try value(named: key)))
        }
        at += 1
        if fields.count == 1, case .node(let inner) = fields[0].value, inner.kind == fields[0].name,
            fields[0].name.utf8.first.map({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) == true
        {
            return .node(inner)
        }
        return .node(Node(kind: name, fields: fields))
    }

    private mutating func list(named name: String) throws(SyntaxFault) -> Node.Value {
        at += 1
        var values: [Node.Value] = []
        while true {
            skipBlanks()
            if try peek() == UInt8(ascii: "]") { break }
            if bytes[at] == UInt8(ascii: ",") { at += 1 }
            values.append(try value(named: name))
        }
        at += 1
        return .list(values)
    }

    private mutating func number() throws(SyntaxFault) -> Int {
        let from = at
        while at < bytes.count, Self.isNumberByte(bytes[at]) { at += 1 }
        guard from < at else { throw Self.unreadable }
        return Int(String(decoding: bytes[from..<at], as: UTF8.self)) ?? 0
    }

    private mutating func text() throws(SyntaxFault) -> String {
        guard try peek() == UInt8(ascii: "\"") else { throw Self.unreadable }
        at += 1
        let from = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") { at += 1 }
        if try peek() == UInt8(ascii: "\"") {
            at += 1
            return String(decoding: bytes[from..<(at - 1)], as: UTF8.self)
        }
        return try textWithEscapes(from: from)
    }

    private mutating func textWithEscapes(from: Int) throws(SyntaxFault) -> String {
        var text = Array(bytes[from..<at])
        while try peek() != UInt8(ascii: "\"") {
            guard bytes[at] == UInt8(ascii: "\\") else {
                text.append(bytes[at])
                at += 1
                continue
            }
            at += 1
            let escape = try peek()
            at += 1
            switch escape {
            case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "t"): text.append(UInt8(ascii: "\t"))
            case UInt8(ascii: "r"): text.append(UInt8(ascii: "\r"))
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "u"):
                guard at + 4 <= bytes.count,
                    let code = UInt32(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16),
                    let scalar = UnicodeScalar(code)
                else { throw Self.unreadable }
                at += 4
                text += Array(String(Character(scalar)).utf8)
            default: text.append(escape)
            }
        }
        at += 1
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func skipBlanks() {
        while at < bytes.count, bytes[at] <= UInt8(ascii: " ") { at += 1 }
    }

    private func peek() throws(SyntaxFault) -> UInt8 {
        guard at < bytes.count else { throw Self.unreadable }
        return bytes[at]
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private static let unreadable = SyntaxFault(reason: "the parser's answer cannot be read")
}
