/// The error for a message of the replication stream that does not follow the protocol.
public struct MalformedMessage: Error, Sendable, Equatable, CustomStringConvertible {
    public let offset: Int
    public let expected: String

    public init(offset: Int, expected: String) {
        self.offset = offset
        self.expected = expected
    }

    public var description: String {
        "the replication stream contains a message that cannot be read: at byte \(offset) there should be "
            + "\(expected); keep the segment file and the server's version and report it"
    }
}

/// An offset into a message that is read in place, with one bounds check for each field. All integers are
/// big-endian (manual chapter "Message Data Types").
///
/// It is public because the compiler inlines nothing that is `package` across modules, and every message is
/// read with it.
public struct MessageCursor {
    @usableFromInline package internal(set) var offset: Int

    @inlinable public init(offset: Int = 0) {
        self.offset = offset
    }

    @inlinable @inline(__always)
    mutating func advance(_ count: Int, in message: RawSpan, expected: StaticString)
        throws(MalformedMessage) -> Int
    {
        let start = offset
        guard count >= 0, message.byteCount - start >= count else {
            throw Self.ended(at: start, before: expected)
        }
        offset = start + count
        return start
    }

    // A function of its own keeps the inlined code small.
    @usableFromInline @inline(never)
    static func ended(at offset: Int, before expected: StaticString) -> MalformedMessage {
        MalformedMessage(offset: offset, expected: "\(expected)")
    }

    @inlinable @inline(__always)
    public mutating func byte(in message: RawSpan) throws(MalformedMessage) -> UInt8 {
        let start = try advance(1, in: message, expected: "a byte")
        // In bounds: advance checked it.
        return unsafe message.unsafeLoad(fromUncheckedByteOffset: start, as: UInt8.self)
    }

    @inlinable @inline(__always)
    public mutating func uint16(in message: RawSpan) throws(MalformedMessage) -> UInt16 {
        let start = try advance(2, in: message, expected: "a 2-byte number")
        // In bounds: advance checked it.
        return UInt16(
            bigEndian: unsafe message.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt16.self))
    }

    @inlinable @inline(__always)
    public mutating func uint32(in message: RawSpan) throws(MalformedMessage) -> UInt32 {
        let start = try advance(4, in: message, expected: "a 4-byte number")
        // In bounds: advance checked it.
        return UInt32(
            bigEndian: unsafe message.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt32.self))
    }

    @inlinable @inline(__always)
    public mutating func uint64(in message: RawSpan) throws(MalformedMessage) -> UInt64 {
        let start = try advance(8, in: message, expected: "an 8-byte number")
        // In bounds: advance checked it.
        return UInt64(
            bigEndian: unsafe message.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self))
    }

    /// Skips `count` bytes and returns their range.
    @inlinable @inline(__always)
    public mutating func bytes(_ count: Int, in message: RawSpan) throws(MalformedMessage) -> Range<Int> {
        let start = try advance(count, in: message, expected: "as many bytes as the length before them says")
        return start..<(start + count)
    }

    /// Reads a string up to its zero byte.
    public mutating func string(in message: RawSpan) throws(MalformedMessage) -> String {
        let start = offset
        var end = start
        while true {
            guard end < message.byteCount else {
                throw MalformedMessage(offset: start, expected: "a string with a zero byte at its end")
            }
            // In bounds: the guard above.
            if unsafe message.unsafeLoad(fromUncheckedByteOffset: end, as: UInt8.self) == 0 { break }
            end += 1
        }
        offset = end + 1
        return text(start..<end, in: message)
    }

    /// Returns the bytes of a range as text.
    public func text(_ range: Range<Int>, in message: RawSpan) -> String {
        let part = message.extracting(range)
        // Sound: the bytes are copied within the call.
        return unsafe part.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
