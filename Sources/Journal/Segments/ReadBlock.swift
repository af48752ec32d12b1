import Glibc

/// A buffer of the bytes that were read from a file and not yet consumed. It does no I/O: the reader of the
/// file fills `freeSpace`.
///
/// It owns its memory. Bytes that it lends are valid until it changes.
@safe struct ReadBlock: ~Copyable {
    private var memory: UnsafeMutableRawPointer?
    private(set) var capacity = 0
    /// The unconsumed bytes are from `start` to `end`.
    private var start = 0
    private var end = 0

    // Sound: nothing else owns the memory, and free accepts nil.
    deinit { unsafe free(memory) }

    /// Number of unconsumed bytes.
    var byteCount: Int { end - start }

    /// Reads a little-endian number, `offset` bytes into the unconsumed bytes.
    func uint32(at offset: Int) -> UInt32 {
        // Sound: `bytes` checks the bounds.
        unsafe UInt32(littleEndian: bytes(at: offset, count: 4).loadUnaligned(as: UInt32.self))
    }

    /// Lends some of the unconsumed bytes.
    @unsafe func bytes(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
        precondition(offset >= 0 && count >= 0 && offset + count <= byteCount, "bytes that were read")
        // Sound: the precondition checks the bounds.
        return unsafe UnsafeRawBufferPointer(start: memory! + start + offset, count: count)
    }

    /// Removes bytes from the front.
    mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= byteCount, "bytes that were read")
        start += count
    }

    mutating func removeAll() { (start, end) = (0, 0) }

    /// Free space for further bytes. `added` has to be called with the number of bytes that were read into
    /// it.
    @unsafe var freeSpace: UnsafeMutableRawBufferPointer {
        // Sound: from the end of the bytes to the end of the memory.
        unsafe UnsafeMutableRawBufferPointer(start: memory.map { unsafe $0 + end }, count: capacity - end)
    }

    mutating func added(_ count: Int) {
        precondition(count >= 0 && end + count <= capacity, "more bytes than the free space")
        end += count
    }

    /// Moves the unconsumed bytes to the front, so that all free space follows them.
    mutating func moveToFront() {
        guard start > 0, let memory = unsafe memory else { return }
        // Sound: both ranges are inside the memory; memmove accepts overlapping ones.
        unsafe _ = memmove(memory, memory + start, byteCount)
        (start, end) = (0, byteCount)
    }

    /// Changes the size of the memory, which must have room for the unconsumed bytes. Returns false if there
    /// is not enough memory. The kernel moves the pages of a large block, so that two of them never exist at
    /// once.
    mutating func resize(to count: Int) -> Bool {
        moveToFront()
        precondition(count >= byteCount && count > 0, "less than was read")
        // Sound: the memory is realloc's own, or nil.
        guard let moved = unsafe realloc(memory, count) else { return false }
        unsafe memory = unsafe moved
        capacity = count
        return true
    }
}
