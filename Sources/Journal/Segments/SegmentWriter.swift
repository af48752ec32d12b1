import Foundation
import Glibc
import Records

/// Appends frames to one segment file.
///
/// Order: frames stand in the order of `append`. Durability: nothing before `sync` returns; a reader may see
/// frames after `flush`. It belongs to one thread. A file appears under its name only with its whole header in it.
package final class SegmentWriter {
    private let descriptor: Int32
    package let path: String
    package let number: Int
    private var buffer: [UInt8] = []
    private var bytesWritten: Int
    private var unsynced = 0

    /// The buffer is written out when it holds as much.
    package static let bufferBytes = 1 << 20

    /// Makes the file with its header, durably, directory entry included.
    package init(exportDirectory: String, header: SegmentHeader) throws {
        path = segmentPath(exportDirectory, number: header.number)
        number = header.number
        let temporary = path + ".new"
        descriptor = unsafe open(temporary, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0o600)
        bytesWritten = 0
        guard descriptor >= 0 else { throw fileError(temporary, doing: "make") }
        buffer.reserveCapacity(Self.bufferBytes + 65_536)
        buffer.append(contentsOf: segmentMagic)
        let json = try JSONEncoder().encode(header)
        unsafe json.withUnsafeBytes { unsafe appendFrame(.header, $0) }
        try sync()
        guard unsafe rename(temporary, path) == 0 else { throw fileError(path, doing: "make") }
        try syncDirectory((path as NSString).deletingLastPathComponent)
    }

    deinit { close(descriptor) }

    /// Bytes of the file, those in the buffer included.
    package var bytes: Int { bytesWritten + buffer.count }

    package var unsyncedBytes: Int { unsynced + buffer.count }

    /// Adds a message; it reaches the file with `flush`, or when the buffer is full.
    package func append(_ message: RawSpan) throws {
        guard message.byteCount < Self.bufferBytes else {
            return try unsafe message.withUnsafeBytes { try unsafe writeLargeFrame($0) }
        }
        unsafe message.withUnsafeBytes { unsafe appendFrame(.message, $0) }
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes a message that is larger than the buffer from where it is, so that it does not stand in memory twice.
    private func writeLargeFrame(_ payload: UnsafeRawBufferPointer) throws {
        try flush()
        let frameStart = bytesWritten
        unsafe appendHead(.message, payload)
        do {
            try flush()
            try unsafe write(payload)
        } catch {
            // Whole frames only: the head goes with what it announced.
            _ = ftruncate(descriptor, off_t(frameStart))
            unsynced -= bytesWritten - frameStart
            bytesWritten = frameStart
            buffer.removeAll(keepingCapacity: true)
            throw error
        }
    }

    private func appendFrame(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) {
        unsafe appendHead(kind, payload)
        unsafe buffer.append(contentsOf: payload)
    }

    private func appendHead(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) {
        var checksum = CRC32C()
        unsafe withUnsafeBytes(of: kind.rawValue) { unsafe checksum.update($0) }
        unsafe checksum.update(payload)
        appendInteger(UInt32(payload.count + 1))
        appendInteger(checksum.value)
        buffer.append(kind.rawValue)
    }

    private func appendInteger(_ value: UInt32) {
        for shift in [0, 8, 16, 24] { buffer.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }

    /// Hands the buffer to the kernel. On an error what reached the file is cut off again at the last whole
    /// frame by the next recovery, so nothing half stands as whole.
    package func flush() throws {
        try unsafe buffer.withUnsafeBytes { try unsafe write($0) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        var sent = 0
        while sent < bytes.count {
            // The rest lies inside what the caller lent.
            let count = unsafe Glibc.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
            if count < 0 {
                if errno == EINTR { continue }
                let failure = fileError(path, doing: "write")
                // Whole frames only: cut back what this call had added.
                _ = ftruncate(descriptor, off_t(bytesWritten))
                throw failure
            }
            sent += count
        }
        bytesWritten += sent
        unsynced += sent
    }

    /// Flushes and waits until the disk has everything appended so far.
    package func sync() throws {
        try flush()
        guard fdatasync(descriptor) == 0 else { throw fileError(path, doing: "sync") }
        unsynced = 0
    }
}

func fileError(_ path: String, doing: String) -> JournalError {
    let code = errno
    let reason = unsafe String(cString: strerror(code))
    if code == ENOSPC || code == EDQUOT || code == EFBIG { return .diskFull(path: path, reason: reason) }
    return .file(path: path, doing: doing, reason: reason)
}

/// Makes a directory's entries durable.
package func syncDirectory(_ path: String) throws {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(path, doing: "open") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw fileError(path, doing: "sync") }
}
