import Foundation
import Glibc

/// A reader of a spill file, from its beginning, message by message.
///
/// Its buffer has a mebibyte, or the size of a larger message.
package final class SpillReader {
    private let path: String
    private let descriptor: Int32
    /// Bytes that were written; the file must have all of them.
    private let bytes: Int
    private var buffer: [UInt8]
    /// Index of the next frame in the buffer, and number of file bytes in it.
    private var start = 0
    private var filled = 0
    private var bytesRead = 0

    private static let readBytes = 1 << 20

    init(path: String, bytes: Int) throws {
        self.path = path
        self.bytes = bytes
        buffer = [UInt8](repeating: 0, count: Self.readBytes)
        // Sound: the C string lives through the call.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fileError(path, doing: "read back") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Offset of the next frame in the file.
    package var offset: Int { bytesRead - filled + start }

    /// Lends the next message. Returns false if there is none left.
    package func next(_ message: (RawSpan) throws -> Void) throws -> Bool {
        guard offset < bytes else { return false }
        try fill(SpillFrame.headBytes)
        let length = Int(integer(at: start))
        guard length >= 1, length <= framePayloadBytesMax else { throw broken("a length of \(length)") }
        try fill(SpillFrame.headBytes + length)
        let payload = start + SpillFrame.headBytes
        var checksum = CRC32C()
        unsafe buffer.withUnsafeBytes { raw in
            // Sound: the number is before the payload, and `fill` made sure that both are there.
            unsafe checksum.update(UnsafeRawBufferPointer(rebasing: raw[(payload - 4)..<(payload + length)]))
        }
        guard checksum.value == integer(at: start + 4) else { throw broken("a wrong checksum") }
        start = payload + length
        // Sound: the buffer does not change while the message is lent.
        try unsafe buffer.withUnsafeBytes { raw in
            try unsafe message(RawSpan(_unsafeStart: raw.baseAddress! + payload, byteCount: length))
        }
        return true
    }

    private func broken(_ what: String) -> JournalError {
        .file(
            path: path, doing: "read back",
            reason:
                "at byte \(offset) it has \(what), unlike what was written to it; check the disk and start "
                + "again: nothing is lost, since the server sends the transaction again")
    }

    private func integer(at index: Int) -> UInt32 {
        UInt32(buffer[index]) | UInt32(buffer[index + 1]) << 8 | UInt32(buffer[index + 2]) << 16
            | UInt32(buffer[index + 3]) << 24
    }

    /// Reads until the buffer contains `count` bytes from `start` on.
    private func fill(_ count: Int) throws {
        if filled - start >= count { return }
        guard offset + count <= bytes else { throw broken("a frame that is longer than the file") }
        let (from, rest) = (start, filled - start)
        // Sound: both ranges are inside the buffer; memmove accepts overlapping ones.
        unsafe buffer.withUnsafeMutableBytes { raw in
            unsafe _ = memmove(raw.baseAddress!, raw.baseAddress! + from, rest)
        }
        (start, filled) = (0, rest)
        if buffer.count < count || buffer.count > Self.readBytes && count <= Self.readBytes {
            resize(to: max(count, Self.readBytes))
        }
        while filled < count {
            // Sound: the range is inside the buffer.
            let got = unsafe buffer.withUnsafeMutableBytes { raw in
                unsafe read(descriptor, raw.baseAddress! + filled, raw.count - filled)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw fileError(path, doing: "read back")
            }
            guard got > 0 else { throw broken("its end before \(bytes) bytes") }
            filled += got
            bytesRead += got
        }
    }

    /// Changes the size of the buffer and keeps its bytes. Unlike growing an array, it never has two large
    /// buffers at once.
    private func resize(to count: Int) {
        // A buffer larger than `readBytes` never contains more than its one message.
        let kept = Array(buffer[0..<filled])
        buffer = []
        buffer = [UInt8](repeating: 0, count: max(count, kept.count))
        buffer.replaceSubrange(0..<kept.count, with: kept)
    }
}
