import Glibc

/// What was read of a file and not yet passed over, in one block of memory. Without I/O: who reads the file fills `room`.
///
/// The block is its own and lives as long as it does. What is lent of it is good until it is changed.
@safe struct ReadBlock: ~Copyable {
    private var memory: UnsafeMutableRawPointer?
    private(set) var capacity = 0
    /// What counts of it.
    private var start = 0
    private var end = 0

    deinit { unsafe free(memory) }

    /// Bytes that were read and not passed over.
    var byteCount: Int { end - start }

    /// A little-endian number, `offset` bytes into what is there.
    func uint32(at offset: Int) -> UInt32 {
        // In bounds: `bytes` checks it.
        unsafe UInt32(littleEndian: bytes(at: offset, count: 4).loadUnaligned(as: UInt32.self))
    }

    @unsafe func bytes(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
        precondition(offset >= 0 && count >= 0 && offset + count <= byteCount, "bytes that were read")
        // In bounds: the precondition, and what is there lies in the memory.
        return unsafe UnsafeRawBufferPointer(start: memory! + start + offset, count: count)
    }

    mutating func pass(_ count: Int) {
        precondition(count >= 0 && count <= byteCount, "bytes that were read")
        start += count
    }

    mutating func removeAll() { (start, end) = (0, 0) }

    /// Where more goes. Tell `added` how much has come.
    @unsafe var room: UnsafeMutableRawBufferPointer {
        // From the end of what is there to the memory's.
        unsafe UnsafeMutableRawBufferPointer(start: memory.map { unsafe $0 + end }, count: capacity - end)
    }

    mutating func added(_ count: Int) {
        precondition(count >= 0 && end + count <= capacity, "more than there was room for")
        end += count
    }

    /// Makes all the room there is follow what is there.
    mutating func moveToFront() {
        guard start > 0, let memory = unsafe memory else { return }
        // Both ranges lie in the memory; memmove takes overlapping ones.
        unsafe _ = memmove(memory, memory + start, byteCount)
        (start, end) = (0, byteCount)
    }

    /// Makes the block as large, which what is there fits into; false where there is no memory for it. A large one is moved by
    /// the kernel, so that there are never two of them.
    mutating func resize(to count: Int) -> Bool {
        moveToFront()
        precondition(count >= byteCount && count > 0, "less than was read")
        guard let moved = unsafe realloc(memory, count) else { return false }
        unsafe memory = unsafe moved
        capacity = count
        return true
    }
}
