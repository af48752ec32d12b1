import Testing

@testable import Journal

@Suite struct ReadBlockTests {
    /// Returns the block's bytes from `offset` on.
    private func bytes(_ block: borrowing ReadBlock, at offset: Int = 0, count: Int) -> [UInt8] {
        // Sound: copied while the block is borrowed.
        unsafe Array(block.bytes(at: offset, count: count))
    }

    private func add(_ bytes: [UInt8], to block: inout ReadBlock) {
        // Sound: the space is used before the block changes.
        unsafe block.freeSpace.copyBytes(from: bytes)
        block.added(bytes.count)
    }

    // Sound: only the count is read.
    private func freeBytes(_ block: borrowing ReadBlock) -> Int { unsafe block.freeSpace.count }

    @Test func `bytes stay in order until they are consumed`() {
        var block = ReadBlock()
        let hasMemory = block.resize(to: 16)
        add([1, 2, 3, 4, 5], to: &block)
        let (first, number) = (bytes(block, count: 5), block.uint32(at: 1))
        block.consume(2)
        add([6], to: &block)
        let (second, last) = (bytes(block, count: 4), bytes(block, at: 3, count: 1))
        block.consume(4)
        let left = block.byteCount
        #expect(hasMemory)
        #expect(first == [1, 2, 3, 4, 5])
        #expect(number == 0x0504_0302)
        #expect(second == [3, 4, 5, 6])
        #expect(last == [6])
        #expect(left == 0)
    }

    @Test func `moved to the front the bytes have all free space behind them`() {
        var block = ReadBlock()
        let hasMemory = block.resize(to: 8)
        add([1, 2, 3, 4, 5, 6, 7, 8], to: &block)
        let before = freeBytes(block)
        block.consume(5)
        block.moveToFront()
        let (after, rest) = (freeBytes(block), bytes(block, count: 3))
        #expect(hasMemory)
        #expect(before == 0)
        #expect(after == 5)
        #expect(rest == [6, 7, 8])
    }

    @Test func `bytes stay when the block is made larger or smaller`() {
        var block = ReadBlock()
        var hasMemory = [block.resize(to: 8)]
        add([1, 2, 3, 4, 5, 6, 7, 8], to: &block)
        block.consume(6)
        hasMemory.append(block.resize(to: 1 << 20))
        let (large, capacity) = (bytes(block, count: 2), block.capacity)
        add([9], to: &block)
        hasMemory.append(block.resize(to: 4))
        let small = bytes(block, count: 3)
        block.removeAll()
        let (left, free) = (block.byteCount, freeBytes(block))
        #expect(hasMemory == [true, true, true])
        #expect(large == [7, 8])
        #expect(capacity == 1 << 20)
        #expect(small == [7, 8, 9])
        #expect(left == 0)
        #expect(free == 4)
    }
}
