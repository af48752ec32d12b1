/// An ErrorResponse as a server would send it (manual chapter "Message Formats"), sent to a client when a
/// test wants it.
package struct ForgedAnswer: Sendable {
    let bytes: [UInt8]

    package init(sqlState: String, message: String) {
        var fields: [UInt8] = []
        for (letter, text) in [("S", "ERROR"), ("V", "ERROR"), ("C", sqlState), ("M", message)] {
            fields += Array(letter.utf8) + Array(text.utf8) + [0]
        }
        fields.append(0)
        let length = UInt32(fields.count + 4)
        bytes =
            [UInt8(ascii: "E")] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + fields
    }
}

/// Follows the bytes that a server sends on one connection: the ends of its messages, and whether it streams
/// its WAL.
struct AnswerFrames {
    /// Whether the server has sent CopyBothResponse: then a replication stream follows.
    private(set) var isStream = false
    private var head: [UInt8] = []
    private var rest = 0

    /// Takes the next bytes. Returns the end of the first message of a stream in them; nil if there is none.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> Int? {
        var end: Int?
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if rest > 0 {
                let step = min(rest, bytes.endIndex - index)
                rest -= step
                index += step
            } else {
                head.append(bytes[index])
                index += 1
                guard head.count == 5 else { continue }
                rest = Int(head.dropFirst().reduce(0) { $0 << 8 | UInt32($1) }) - 4
            }
            guard rest == 0, head.count == 5 else { continue }
            if head[0] == UInt8(ascii: "W") { isStream = true }
            if isStream, end == nil { end = index }
            head = []
        }
        return end
    }
}
