import Glibc

/// A buffer of received bytes of the wire protocol, and the messages in them: a letter, a length that counts
/// itself, and the payload (manual chapters "Message Flow" and "Message Formats").
///
/// It grows to the largest message and shrinks after it. It does no I/O: the reader of the socket fills
/// `freeSpace`.
@safe struct WireBuffer: ~Copyable {
    /// Memory of `capacity` bytes that nothing else owns; the received bytes are from `start` to `end`.
    private var block: UnsafeMutableRawPointer
    private(set) var capacity = Self.blockBytes
    private var start = 0
    private var end = 0

    /// Size of the buffer while no message is larger.
    static let blockBytes = 256 << 10
    /// Least free space at the end; with less, the received bytes are moved to the beginning.
    private static let freeBytesMin = 32 << 10
    private static let headBytes = 5
    /// Largest message: the server's largest allocation (`MaxAllocSize` in memutils.h) and a little around
    /// it.
    private static let messageBytesMax = (1 << 30) + 1024

    /// The error of a buffer that cannot continue.
    enum Fault: Error {
        /// A length that no message has, so that the beginning of the next one is unknown.
        case outOfStep
        case outOfMemory
    }

    init() throws(Fault) {
        // Sound: the block is owned here and freed in deinit.
        guard let memory = unsafe malloc(Self.blockBytes) else { throw Fault.outOfMemory }
        unsafe block = unsafe memory
    }

    deinit { unsafe free(block) }

    var byteCount: Int { end - start }

    /// Lends the payload of the next message and removes it, even if `message` throws. Returns false if the
    /// message is not complete.
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
        // Sound: the whole message was received, and the block does not change while the payload is lent.
        try unsafe message(
            letter, RawSpan(_unsafeStart: block + payload, byteCount: length + 1 - Self.headBytes))
        return true
    }

    /// Free space for further bytes, at least `freeBytesMin`. `added` has to be called with the bytes that
    /// were read into it.
    mutating func freeSpace() throws(Fault) -> UnsafeMutableRawBufferPointer {
        if start == end { (start, end) = (0, 0) }
        let isTooLarge = capacity > Self.blockBytes && byteCount <= Self.blockBytes / 2
        if isTooLarge || capacity - end < Self.freeBytesMin {
            // Sound: both ranges are inside the block; memmove accepts overlapping ones.
            if start > 0 { unsafe memmove(block, block + start, byteCount) }
            (start, end) = (0, byteCount)
            if isTooLarge {
                try resize(Self.blockBytes)
            } else if capacity - end < Self.freeBytesMin {
                // A message does not fit. The block grows with the received bytes, not to the length that a
                // message claims.
                try resize(capacity * 2)
            }
        }
        return unsafe UnsafeMutableRawBufferPointer(start: block + end, count: capacity - end)
    }

    mutating func added(_ count: Int) {
        precondition(count >= 0 && end + count <= capacity, "more bytes than the free space")
        end += count
    }

    private mutating func resize(_ count: Int) throws(Fault) {
        // Sound: the block came from malloc.
        guard let moved = unsafe realloc(block, count) else { throw Fault.outOfMemory }
        unsafe block = unsafe moved
        capacity = count
    }
}
