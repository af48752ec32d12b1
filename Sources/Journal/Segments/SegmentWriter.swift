import Foundation
import Glibc
import Records

/// Appends frames to one segment file.
///
/// Order: frames stand in the order of `append`. Durability: nothing before `sync` returns; a reader may see
/// frames after `flush`. It belongs to one thread. A file appears under its name only with its whole header in it.
@safe package final class SegmentWriter {
    private let descriptor: Int32
    package let path: String
    package let number: Int
    /// What waits for the kernel: the first `filled` bytes of a block that is ours alone and lives as long as we do.
    private var block: UnsafeMutableRawBufferPointer
    private var blockRoom = SegmentWriter.blockBytes
    private var filled = 0
    private var bytesWritten: Int
    private var unsynced = 0

    /// The buffer is written out when it holds as much.
    package static let bufferBytes = 1 << 20
    private static let blockBytes = bufferBytes + 65_536

    /// Makes the file with its header, durably, directory entry included.
    package init(exportDirectory: String, header: SegmentHeader) throws {
        path = segmentPath(exportDirectory, number: header.number)
        number = header.number
        let temporary = path + ".new"
        descriptor = unsafe open(temporary, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0o600)
        bytesWritten = 0
        unsafe block = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockBytes, alignment: 16)
        guard descriptor >= 0 else { throw fileError(temporary, doing: "make") }
        unsafe block.copyBytes(from: segmentMagic)
        filled = segmentMagic.count
        let json = try JSONEncoder().encode(header)
        try unsafe json.withUnsafeBytes { try unsafe appendFrame(.header, $0) }
        try sync()
        guard unsafe rename(temporary, path) == 0 else { throw fileError(path, doing: "make") }
        try syncDirectory((path as NSString).deletingLastPathComponent)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        unsafe block.deallocate()
    }

    /// Bytes of the file, those in the buffer included.
    package var bytes: Int { bytesWritten + filled }

    /// Bytes that no sync, ended or under way, covers.
    package var unsyncedBytes: Int { unsynced + filled }

    /// Adds a message; it reaches the file with `flush`, or when the buffer is full.
    package func append(_ message: RawSpan) throws {
        if message.byteCount >= Self.bufferBytes {
            return try unsafe message.withUnsafeBytes { try unsafe writeLargeFrame($0) }
        }
        try unsafe message.withUnsafeBytes { try unsafe appendFrame(.message, $0) }
        if filled >= Self.bufferBytes { try flush() }
    }

    /// Writes a message larger than the buffer from where it is, so that it does not stand in memory twice.
    private func writeLargeFrame(_ payload: UnsafeRawBufferPointer) throws {
        try flush()
        var checksum = CRC32C()
        unsafe withUnsafeBytes(of: FrameKind.message.rawValue) { unsafe checksum.update($0) }
        unsafe checksum.update(payload)
        // The head fits into the block, which is empty.
        unsafe block.storeBytes(of: UInt32(payload.count + 1).littleEndian, toByteOffset: 0, as: UInt32.self)
        unsafe block.storeBytes(of: checksum.value.littleEndian, toByteOffset: 4, as: UInt32.self)
        unsafe block[8] = FrameKind.message.rawValue
        let frameStart = bytesWritten
        do {
            unsafe try write(UnsafeRawBufferPointer(rebasing: block[..<9]))
            unsafe try write(payload)
        } catch {
            // Whole frames only: the head goes with what it announced.
            _ = ftruncate(descriptor, off_t(frameStart))
            unsynced -= bytesWritten - frameStart
            bytesWritten = frameStart
            throw error
        }
    }

    private func appendFrame(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) throws {
        let length = payload.count + 1
        if filled + 8 + length > blockRoom { try makeRoom(8 + length) }
        // makeRoom has seen to it that the frame fits behind what is filled; the payload is not of this block.
        unsafe block.storeBytes(of: UInt32(length).littleEndian, toByteOffset: filled, as: UInt32.self)
        unsafe block[filled + 8] = kind.rawValue
        if let bytes = payload.baseAddress {
            unsafe memcpy(block.baseAddress! + filled + 9, bytes, payload.count)
        }
        var checksum = CRC32C()
        unsafe checksum.update(UnsafeRawBufferPointer(rebasing: block[(filled + 8)..<(filled + 8 + length)]))
        unsafe block.storeBytes(
            of: checksum.value.littleEndian, toByteOffset: filled + 4, as: UInt32.self)
        filled += 8 + length
    }

    /// Writes out what is there, and takes a larger block for a frame larger than ours.
    private func makeRoom(_ bytes: Int) throws {
        try flush()
        if blockRoom < bytes { resize(bytes) }
    }

    /// Takes another block; the old one holds nothing that waits.
    private func resize(_ bytes: Int) {
        unsafe block.deallocate()
        unsafe block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        blockRoom = bytes
    }

    /// Hands the buffer to the kernel. On an error what reached the file is cut off again at the last whole
    /// frame by the next recovery, so nothing half stands as whole.
    package func flush() throws {
        // The filled part of the block, which nothing touches meanwhile.
        unsafe try write(UnsafeRawBufferPointer(rebasing: block[..<filled]))
        filled = 0
        // A very large frame has gone; its room goes too.
        if blockRoom > Self.blockBytes { resize(Self.blockBytes) }
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

    /// Flushes, and begins to wait for the disk on the thread of `background`.
    package func startSync(_ background: SegmentSync) throws {
        try flush()
        try background.start(descriptor: descriptor, path: path)
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
