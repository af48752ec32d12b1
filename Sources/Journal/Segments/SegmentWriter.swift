import Foundation
import Glibc
import Records

/// A writer that appends frames to one segment.
///
/// Order: frames are in the order of `append`. Durability: none before `sync` returns; a reader may see
/// frames after `flush`. Only one thread may use it. The file gets its name once its whole header is durable.
@safe package struct SegmentWriter: ~Copyable {
    private let descriptor: Int32
    package let path: String
    package let number: Int
    /// Buffer whose first `filled` bytes were not yet written to the file. Nothing else owns it.
    private let block: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var bytesWritten: Int
    private var unsynced = 0
    /// Bytes of the file that are durable, and those that will be when the running sync ends.
    package private(set) var bytesSynced = 0
    private var bytesSyncing = 0
    /// Checksum over the kind byte, which all message frames begin with.
    private let messageChecksum = CRC32C(of: .message)

    /// Size of the buffer at which it is written to the file.
    package static let bufferBytes = 1 << 20
    private static let blockBytes = bufferBytes + 65_536

    /// Creates the file with its header; both and the directory entry are durable on return.
    package init(exportDirectory: String, header: SegmentHeader) throws {
        path = segmentPath(exportDirectory, number: header.number)
        number = header.number
        let temporary = path + ".new"
        // Sound: the C string lives through the call.
        descriptor = unsafe open(temporary, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0o600)
        bytesWritten = 0
        unsafe block = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockBytes, alignment: 16)
        guard descriptor >= 0 else { throw fileError(temporary, doing: "create") }
        unsafe block.copyBytes(from: segmentMagic)
        filled = segmentMagic.count
        let json = try JSONEncoder().encode(header)
        // Sound: the bytes are copied or written within the call.
        try unsafe json.withUnsafeBytes { try unsafe appendFrame(.header, $0) }
        try sync()
        // Sound: both C strings live through the call.
        guard unsafe rename(temporary, path) == 0 else { throw fileError(path, doing: "create") }
        try syncDirectory((path as NSString).deletingLastPathComponent)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        // Sound: the block was allocated in init and nothing else owns it.
        unsafe block.deallocate()
    }

    /// Size of the file, including the buffer.
    package var bytes: Int { bytesWritten + filled }

    /// Bytes that no sync covers, neither an ended nor a running one.
    package var unsyncedBytes: Int { unsynced + filled }

    /// Appends a message to the buffer, which is written to the file when it is full or with `flush`.
    package mutating func append(_ message: RawSpan) throws {
        // Sound: the bytes are copied or written within the call.
        try unsafe message.withUnsafeBytes { try unsafe appendFrame(.message, $0) }
        if filled >= Self.bufferBytes { try flush() }
    }

    private mutating func appendFrame(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) throws {
        guard 9 + payload.count <= Self.blockBytes else { return try unsafe writeLargeFrame(kind, payload) }
        if filled + 9 + payload.count > Self.blockBytes { try flush() }
        unsafe appendHead(kind, payload)
        // Sound: guard and flush made sure that the payload fits, and it is not part of this block.
        if let bytes = payload.baseAddress {
            unsafe memcpy(block.baseAddress! + filled, bytes, payload.count)
        }
        filled += payload.count
    }

    private mutating func appendHead(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) {
        var checksum = kind == .message ? messageChecksum : CRC32C(of: kind)
        // Sound: the payload is lent for the whole call.
        unsafe checksum.update(payload)
        // Sound: nine bytes fit, since the block is larger than a full buffer.
        unsafe block.storeBytes(
            of: UInt32(payload.count + 1).littleEndian, toByteOffset: filled, as: UInt32.self)
        unsafe block.storeBytes(
            of: checksum.value.littleEndian, toByteOffset: filled + 4, as: UInt32.self)
        unsafe block[filled + 8] = kind.rawValue
        filled += 9
    }

    /// Writes a message that is larger than the block without copying it, so that it is not in memory twice.
    private mutating func writeLargeFrame(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) throws {
        try flush()
        let frameStart = bytesWritten
        unsafe appendHead(kind, payload)
        do {
            try flush()
            try unsafe write(payload)
        } catch {
            // Only whole frames remain in the file: the head is cut off with its payload.
            _ = ftruncate(descriptor, off_t(frameStart))
            unsynced -= bytesWritten - frameStart
            bytesWritten = frameStart
            filled = 0
            throw error
        }
    }

    /// Writes the buffer to the file. After an error the file is cut back to what it was; the next recovery
    /// also does it if the cut fails.
    package mutating func flush() throws {
        // Sound: the filled bytes are inside the block.
        try unsafe write(UnsafeRawBufferPointer(rebasing: block[..<filled]))
        filled = 0
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard unsafe writeAll(bytes, to: descriptor) else {
            let failure = fileError(path, doing: "write")
            // Only whole frames remain in the file: what this call added is cut off.
            _ = ftruncate(descriptor, off_t(bytesWritten))
            throw failure
        }
        bytesWritten += bytes.count
        unsynced += bytes.count
    }

    /// Flushes, and makes everything appended so far durable.
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

    /// Flushes, and starts a sync on the thread of `background`.
    package mutating func startSync(_ background: SegmentSync) throws {
        try flush()
        try background.start(descriptor: descriptor, path: path)
        unsynced = 0
        bytesSyncing = bytesWritten
    }

    /// Records that the running sync has succeeded.
    package mutating func syncEnded() { bytesSynced = max(bytesSynced, bytesSyncing) }

    /// Cuts off, after a failed sync, all bytes that may not be durable; the server still has them.
    ///
    /// The kernel reports such an error once and then treats the pages as written. A later recovery would
    /// take them for durable.
    package mutating func cutToSynced() {
        _ = ftruncate(descriptor, off_t(bytesSynced))
        bytesWritten = bytesSynced
        (filled, unsynced) = (0, 0)
    }
}

extension CRC32C {
    /// The checksum of a frame's kind byte; the payload follows.
    fileprivate init(of kind: FrameKind) {
        self.init()
        // Sound: the byte lives through the call.
        unsafe withUnsafeBytes(of: kind.rawValue) { unsafe update($0) }
    }
}
