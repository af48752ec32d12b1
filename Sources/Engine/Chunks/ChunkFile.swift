import Foundation
import Journal

/// A chunk's file of COPY text. It is written under another name, and renamed when it is durable.
final class ChunkFile {
    /// Size, lines and checksum of the bytes that were written or read.
    struct Tally {
        private(set) var bytes: Int64 = 0
        /// Number of rows: COPY writes the line ends of values as escapes.
        private(set) var lines: Int64 = 0
        private var crc = CRC32C()
        var crc32c: UInt32 { crc.value }

        mutating func add(_ part: RawSpan) {
            bytes += Int64(part.byteCount)
            // The bytes are read within these calls only.
            unsafe part.withUnsafeBytes { part in
                unsafe crc.update(part)
                lines += unsafe Int64(part.count { $0 == UInt8(ascii: "\n") })
            }
        }
    }

    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private(set) var tally = Tally()
    private static let bufferBytes = 1 << 20

    init(creating path: String) throws {
        self.path = path
        // The path lives through the call.
        descriptor = unsafe open(path + ".new", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, "make") }
        buffer.reserveCapacity(Self.bufferBytes + 65_536)
    }

    deinit { close(descriptor) }

    func append(_ bytes: RawSpan) throws {
        tally.add(bytes)
        // The bytes are copied within the call.
        unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Makes the file durable, and gives it its name.
    func finish() throws {
        try flush()
        // The paths live through the call.
        guard fdatasync(descriptor) == 0, unsafe rename(path + ".new", path) == 0 else {
            throw Self.failure(path, "sync")
        }
        try syncDirectory((path as NSString).deletingLastPathComponent)
    }

    private func flush() throws {
        guard writeAll(buffer, to: descriptor) else { throw Self.failure(path, "write") }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Lends the file's bytes in pieces of a megabyte.
    static func read(_ path: String, part: (RawSpan) throws -> Void) throws {
        // The path lives through the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: bufferBytes)
        while true {
            // The kernel writes at most the buffer's length.
            let count = unsafe buffer.withUnsafeMutableBytes { raw in
                unsafe Glibc.read(descriptor, raw.baseAddress!, raw.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, "read")
            }
            if count == 0 { return }
            // Sound: `count` bytes of the buffer were just read.
            try unsafe buffer.withUnsafeBytes { raw in
                try unsafe part(RawSpan(_unsafeStart: raw.baseAddress!, byteCount: count))
            }
        }
    }

    private static func failure(_ path: String, _ doing: String) -> JournalError {
        let code = errno
        // The message is copied before another call can change it.
        let reason = unsafe String(cString: strerror(code))
        if code == ENOSPC || code == EDQUOT || code == EFBIG { return .diskFull(path: path, reason: reason) }
        return .file(path: path, doing: doing, reason: reason)
    }
}
