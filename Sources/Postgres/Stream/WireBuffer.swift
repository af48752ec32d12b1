import Glibc

/// Bytes of the wire protocol in the order they came, and the messages in them: a letter, a length that counts itself, and as
/// much as it says (manual chapter "Message Flow", "Message Formats").
///
/// It grows to the largest message and is small again when that has gone. Without I/O: who reads the socket fills `room`.
@safe struct WireBuffer: ~Copyable {
    /// `capacity` bytes that are ours alone; what counts of them is from `start` to `end`.
    private var block: UnsafeMutableRawPointer
    private(set) var capacity = Self.blockBytes
    private var start = 0
    private var end = 0

    /// It is so large where no message is larger.
    static let blockBytes = 256 << 10
    /// With less than that at its end, what is left is moved to its beginning.
    private static let roomBytesMin = 32 << 10
    private static let headBytes = 5
    /// The server makes no message larger than what it can allocate at once (`MaxAllocSize` in memutils.h), and a little
    /// around it.
    private static let messageBytesMax = (1 << 30) + 1024

    enum Fault: Error {
        /// A length that no message has: what follows is not known to be one.
        case outOfStep
        case outOfMemory
    }

    init() throws(Fault) {
        guard let memory = unsafe malloc(Self.blockBytes) else { throw Fault.outOfMemory }
        unsafe block = unsafe memory
    }

    deinit { unsafe free(block) }

    var byteCount: Int { end - start }

    /// Lends the next message without letter and length, and passes over it; false where it is not all there.
    /// It is passed over also where `message` throws.
    mutating func next(_ message: (_ letter: UInt8, _ payload: RawSpan) throws -> Void) throws -> Bool {
        guard end - start >= Self.headBytes else { return false }
        // In bounds: the guard above.
        let length = unsafe Int(
            UInt32(bigEndian: block.loadUnaligned(fromByteOffset: start + 1, as: UInt32.self)))
        guard (4...Self.messageBytesMax).contains(length) else { throw Fault.outOfStep }
        guard end - start > length else { return false }
        let letter = unsafe block.load(fromByteOffset: start, as: UInt8.self)
        let payload = start + Self.headBytes
        start += length + 1
        // From the head to the message's end, all of which is there; the block stays as it is while it is lent.
        try unsafe message(
            letter, RawSpan(_unsafeStart: block + payload, byteCount: length + 1 - Self.headBytes))
        return true
    }

    /// Where more goes, `roomBytesMin` at least. Tell `added` how much has come.
    mutating func room() throws(Fault) -> UnsafeMutableRawBufferPointer {
        if start == end { (start, end) = (0, 0) }
        let isLargeForNothing = capacity > Self.blockBytes && byteCount <= Self.blockBytes / 2
        if isLargeForNothing || capacity - end < Self.roomBytesMin {
            // What is left lies inside the block.
            if start > 0 { unsafe memmove(block, block + start, byteCount) }
            (start, end) = (0, byteCount)
            if isLargeForNothing {
                try resize(Self.blockBytes)
            } else if capacity - end < Self.roomBytesMin {
                // A message that does not fit; how large it is is only said, what has come is there.
                try resize(capacity * 2)
            }
        }
        return unsafe UnsafeMutableRawBufferPointer(start: block + end, count: capacity - end)
    }

    mutating func added(_ count: Int) {
        precondition(count >= 0 && end + count <= capacity, "more than there was room for")
        end += count
    }

    private mutating func resize(_ count: Int) throws(Fault) {
        guard let moved = unsafe realloc(block, count) else { throw Fault.outOfMemory }
        unsafe block = unsafe moved
        capacity = count
    }
}
