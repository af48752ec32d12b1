/// A message of the replication stream that does not read as the protocol says.
public struct MalformedMessage: Error, Sendable, Equatable, CustomStringConvertible {
    public let offset: Int
    public let expected: String

    public init(offset: Int, expected: String) {
        self.offset = offset
        self.expected = expected
    }

    public var description: String {
        "the replication stream holds a message that cannot be read: at byte \(offset) there should be \(expected); "
            + "keep the segment file and the server's version and report it"
    }
}

/// Reads a message in place: an offset that moves over bytes it is lent, with one bounds check a field.
/// All integers are big-endian (manual chapter "Message Data Types"). What every message goes through is there for other
/// modules to inline; it is public for that alone, because the compiler inlines nothing that is of the package across modules.
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

    // Of its own, so that what is inlined stays small.
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

    /// Passes over `count` bytes and returns where they are.
    @inlinable @inline(__always)
    public mutating func bytes(_ count: Int, in message: RawSpan) throws(MalformedMessage) -> Range<Int> {
        let start = try advance(count, in: message, expected: "as many bytes as the length before them says")
        return start..<(start + count)
    }

    /// Reads a string that ends with a zero byte.
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

    /// The bytes of a range as text.
    public func text(_ range: Range<Int>, in message: RawSpan) -> String {
        let part = message.extracting(range)
        return unsafe part.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
