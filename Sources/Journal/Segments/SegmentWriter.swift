import Foundation
import Glibc
import Records

/// Appends frames to one segment file.
///
/// Order: frames stand in the order of `append`. Durability: nothing before `sync` returns; a reader may see
/// frames after `flush`. It belongs to one thread. A file appears under its name only with its whole header in it.
@safe package struct SegmentWriter: ~Copyable {
    private let descriptor: Int32
    package let path: String
    package let number: Int
    /// What waits for the kernel: the first `filled` bytes of a block that is ours alone and lives as long as we do.
    private let block: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var bytesWritten: Int
    private var unsynced = 0
    /// How far the file is on disk for certain, and how far it will be when the sync that is under way has ended.
    package private(set) var bytesSynced = 0
    private var bytesSyncing = 0
    /// The checksum of a message's frame so far as all messages have it.
    private let messageChecksum = CRC32C(of: .message)

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
    package mutating func append(_ message: RawSpan) throws {
        try unsafe message.withUnsafeBytes { try unsafe appendFrame(.message, $0) }
        if filled >= Self.bufferBytes { try flush() }
    }

    private mutating func appendFrame(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) throws {
        guard 9 + payload.count <= Self.blockBytes else { return try unsafe writeLargeFrame(kind, payload) }
        if filled + 9 + payload.count > Self.blockBytes { try flush() }
        unsafe appendHead(kind, payload)
        // The guard and the flush have seen to it that the payload fits; it is not of this block.
        if let bytes = payload.baseAddress {
            unsafe memcpy(block.baseAddress! + filled, bytes, payload.count)
        }
        filled += payload.count
    }

    private mutating func appendHead(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) {
        var checksum = kind == .message ? messageChecksum : CRC32C(of: kind)
        unsafe checksum.update(payload)
        // Nine bytes fit: the block is larger than any buffer that is full.
        unsafe block.storeBytes(
            of: UInt32(payload.count + 1).littleEndian, toByteOffset: filled, as: UInt32.self)
        unsafe block.storeBytes(
            of: checksum.value.littleEndian, toByteOffset: filled + 4, as: UInt32.self)
        unsafe block[filled + 8] = kind.rawValue
        filled += 9
    }

    /// Writes a message that is larger than the block from where it is, so that it does not stand in memory twice.
    private mutating func writeLargeFrame(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) throws {
        try flush()
        let frameStart = bytesWritten
        unsafe appendHead(kind, payload)
        do {
            try flush()
            try unsafe write(payload)
        } catch {
            // Whole frames only: the head goes with what it announced.
            _ = ftruncate(descriptor, off_t(frameStart))
            unsynced -= bytesWritten - frameStart
            bytesWritten = frameStart
            filled = 0
            throw error
        }
    }

    /// Hands the buffer to the kernel. On an error what reached the file is cut off again at the last whole
    /// frame by the next recovery, so nothing half stands as whole.
    package mutating func flush() throws {
        try unsafe write(UnsafeRawBufferPointer(rebasing: block[..<filled]))
        filled = 0
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard unsafe writeAll(bytes, to: descriptor) else {
            let failure = fileError(path, doing: "write")
            // Whole frames only: cut back what this call had added.
            _ = ftruncate(descriptor, off_t(bytesWritten))
            throw failure
        }
        bytesWritten += bytes.count
        unsynced += bytes.count
    }

    /// Flushes and waits until the disk has everything appended so far.
    package mutating func sync() throws {
        try flush()
        guard fdatasync(descriptor) == 0 else {
            let failure = fileError(path, doing: "sync")
            cutToSynced()
            throw failure
        }
        unsynced = 0
        bytesSynced = bytesWritten
    }

    /// Flushes, and begins to wait for the disk on the thread of `background`.
    package mutating func startSync(_ background: SegmentSync) throws {
        try flush()
        try background.start(descriptor: descriptor, path: path)
        unsynced = 0
        bytesSyncing = bytesWritten
    }

    /// The sync that was under way has ended well.
    package mutating func syncEnded() { bytesSynced = max(bytesSynced, bytesSyncing) }

    /// After a sync that failed: takes away what may not be on the disk. The kernel tells of such an error once and then takes
    /// the pages for written, so that whoever reads the file back later would take them for durable. The server has it all.
    package mutating func cutToSynced() {
        _ = ftruncate(descriptor, off_t(bytesSynced))
        bytesWritten = bytesSynced
        (filled, unsynced) = (0, 0)
    }
}

extension CRC32C {
    /// That of a frame whose payload follows.
    fileprivate init(of kind: FrameKind) {
        self.init()
        unsafe withUnsafeBytes(of: kind.rawValue) { unsafe update($0) }
    }
}
