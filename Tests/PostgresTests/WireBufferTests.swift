import Records
import Support
import Testing

@testable import Postgres

@Suite struct WireBufferTests {
    private func message(_ letter: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [letter] + [UInt8](bigEndian: UInt32(payload.count + 4)) + payload
    }

    /// Puts as many bytes as there is free space for; returns their number.
    private func put(_ bytes: ArraySlice<UInt8>, into buffer: inout WireBuffer) throws -> Int {
        let space = unsafe try buffer.freeSpace()
        let count = min(space.count, bytes.count)
        // Sound: not more than the free space.
        unsafe space.copyBytes(from: bytes.prefix(count))
        buffer.added(count)
        return count
    }

    private func messages(in buffer: inout WireBuffer) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        while try buffer.next({ letter, payload in
            found.append(unsafe payload.withUnsafeBytes { unsafe [letter] + Array($0) })
        }) {}
        return found
    }

    @Test func `messages are the same however the bytes come`() throws {
        var randomness = Randomness("wire buffer")
        var sent: [[UInt8]] = []
        var bytes: [UInt8] = []
        for _ in 0..<3000 {
            // Most are small; some do not fit into the block.
            let size =
                randomness.below(100) == 0 ? randomness.below(600_000) : randomness.below(400)
            let one = (UInt8(randomness.below(256)), randomness.bytes(size))
            sent.append([one.0] + one.1)
            bytes += message(one.0, one.1)
        }
        var buffer = try WireBuffer()
        var received: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let count = min(
                bytes.count - start,
                1 + randomness.below([10, 1000, 100_000, 1_000_000][randomness.below(4)]))
            start += try put(bytes[start..<start + count], into: &buffer)
            received += try messages(in: &buffer)
        }
        #expect(received == sent)
        #expect(buffer.byteCount == 0)
    }

    @Test func `the memory of a large message is released, even if the next one has begun`() throws {
        var buffer = try WireBuffer()
        let large = message(1, [UInt8](repeating: 7, count: 5_000_000)) + [2, 0, 0]
        var start = 0
        while start < large.count { start += try put(large[start...], into: &buffer) }
        #expect(buffer.capacity >= large.count)
        #expect(try messages(in: &buffer).map(\.count) == [5_000_001])
        _ = try put([0, 5, 9], into: &buffer)
        #expect(buffer.capacity == WireBuffer.blockBytes)
        #expect(try messages(in: &buffer) == [[2, 9]])
    }

    @Test func `a length that no message has is refused`() throws {
        for length: [UInt8] in [
            [0, 0, 0, 0], [0, 0, 0, 3], [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF],
        ] {
            var buffer = try WireBuffer()
            _ = try put(([1] + length + [0])[...], into: &buffer)
            #expect(throws: WireBuffer.Fault.outOfStep) { try messages(in: &buffer) }
        }
    }

    @Test func `random bytes are messages, or refused, or wait for more`() throws {
        var randomness = Randomness("wire buffer, random bytes")
        var refused = 0
        for _ in 0..<2000 {
            var buffer = try WireBuffer()
            let bytes = randomness.bytes(1 + randomness.below(200)).map { randomness.below(3) == 0 ? $0 : 0 }
            _ = try put(bytes[...], into: &buffer)
            do {
                let found = try messages(in: &buffer)
                // Each has four bytes of length, too.
                #expect(found.map { $0.count + 4 }.reduce(0, +) + buffer.byteCount == bytes.count)
            } catch WireBuffer.Fault.outOfStep { refused += 1 }
        }
        #expect(refused > 0)
    }

    @Test func `a message whose closure throws is removed`() throws {
        struct Failure: Error {}
        var buffer = try WireBuffer()
        _ = try put((message(1, [1]) + message(2, [2]))[...], into: &buffer)
        #expect(throws: Failure.self) { try buffer.next { _, _ in throw Failure() } }
        #expect(try messages(in: &buffer) == [[2, 2]])
    }
}
