import Foundation
import Glibc

/// The spill files of open transactions that are streamed before their commit, one file for each.
///
/// Durability: none, and none is needed. Such a transaction is not confirmed to the server, which sends it
/// again over the next connection. So the files are deleted with the connection they came over, and at the
/// start those of an earlier process. Order: messages are in the order of `append`. Only one thread may use
/// it.
///
/// Memory: one buffer for all files, and a `SpillIndex` for each.
@safe package final class SpillFiles {
    private struct Spill {
        var index = SpillIndex()
        /// Negative while the file is closed.
        var descriptor: Int32 = -1
        var usedAt = 0
    }

    private let exportDirectory: String
    private var spills: [UInt32: Spill] = [:]
    private var openFiles = 0
    private var uses = 0
    /// Buffer whose first `filled` bytes were not yet written, all of the transaction `current`. Nothing else
    /// owns it.
    private let block: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var current: UInt32?

    /// Open files at once; beyond it the least recently used one is closed until its next block.
    package static let openFilesMax = 16
    private static let blockBytes = 512 << 10
    private static let scanBytes = 64 << 10

    /// Deletes the files of an earlier process.
    package init(exportDirectory: String) throws {
        self.exportDirectory = exportDirectory
        // Sound: the block is deallocated in deinit.
        unsafe block = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockBytes, alignment: 16)
        for file in try spillFiles(exportDirectory) { try Self.delete(file.path) }
    }

    deinit {
        // Not deleted: a later object may already have files of the same names.
        for spill in spills.values where spill.descriptor >= 0 { close(spill.descriptor) }
        // Sound: the block was allocated in init and nothing else owns it.
        unsafe block.deallocate()
    }

    /// Number of transactions with messages.
    package var transactions: Int { spills.count }

    /// Size of a transaction's messages.
    package func bytes(of transaction: UInt32) -> Int { spills[transaction]?.index.bytes ?? 0 }

    // MARK: Writing

    /// Appends a message: its letter, and the bytes after its letter and number.
    ///
    /// - Parameter number: the message's subtransaction, 0 if it names none
    package func append(letter: UInt8, _ rest: RawSpan, of transaction: UInt32, number: UInt32) throws {
        if current != transaction {
            try flush()
            current = transaction
        }
        // Sound: the bytes are copied or written within the call.
        try unsafe rest.withUnsafeBytes { try unsafe append(letter, $0, number) }
        spills[transaction, default: Spill()].index.append(
            frameBytes: SpillFrame.headBytes + 1 + rest.byteCount, number: number)
    }

    private func append(_ letter: UInt8, _ rest: UnsafeRawBufferPointer, _ number: UInt32) throws {
        let head = SpillFrame.headBytes + 1
        if filled + head + rest.count > Self.blockBytes { try flush() }
        // Sound: the block is larger than a head, and after the check above the head fits.
        unsafe block.storeBytes(
            of: UInt32(rest.count + 1).littleEndian, toByteOffset: filled, as: UInt32.self)
        unsafe block.storeBytes(of: number.littleEndian, toByteOffset: filled + 8, as: UInt32.self)
        unsafe block[filled + 12] = letter
        var checksum = CRC32C()
        unsafe checksum.update(UnsafeRawBufferPointer(rebasing: block[(filled + 8)..<(filled + head)]))
        unsafe checksum.update(rest)
        unsafe block.storeBytes(
            of: checksum.value.littleEndian, toByteOffset: filled + 4, as: UInt32.self)
        filled += head
        if filled + rest.count > Self.blockBytes {
            // A message that is larger than the block is written without copying it.
            try flush()
            return try unsafe write(rest)
        }
        // Sound: the payload fits, and is not part of this block.
        if let bytes = rest.baseAddress {
            unsafe _ = memcpy(block.baseAddress! + filled, bytes, rest.count)
        }
        filled += rest.count
    }

    /// Writes the buffer to its file. After an error the files are unusable, and the capture ends.
    package func flush() throws {
        guard filled > 0 else { return }
        // Sound: the filled bytes are inside the block.
        try unsafe write(UnsafeRawBufferPointer(rebasing: block[..<filled]))
        filled = 0
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let current else { return }
        let descriptor = try openFile(current)
        // Sound: the bytes are lent for the whole call.
        guard unsafe writeAll(bytes, to: descriptor) else { throw fileError(path(current), doing: "write") }
    }

    private func path(_ transaction: UInt32) -> String {
        spillPath(exportDirectory, transaction: transaction)
    }

    private func openFile(_ transaction: UInt32) throws -> Int32 {
        uses += 1
        spills[transaction, default: Spill()].usedAt = uses
        if let descriptor = spills[transaction]?.descriptor, descriptor >= 0 { return descriptor }
        if openFiles >= Self.openFilesMax {
            let idle = spills.filter { $0.value.descriptor >= 0 }.min { $0.value.usedAt < $1.value.usedAt }
            if let idle { closeFile(idle.key) }
        }
        // Sound: the C string lives through the call.
        let descriptor = unsafe open(
            path(transaction), O_CREAT | O_APPEND | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fileError(path(transaction), doing: "open") }
        spills[transaction]?.descriptor = descriptor
        openFiles += 1
        return descriptor
    }

    private func closeFile(_ transaction: UInt32) {
        guard let descriptor = spills[transaction]?.descriptor, descriptor >= 0 else { return }
        close(descriptor)
        spills[transaction]?.descriptor = -1
        openFiles -= 1
    }

    // MARK: Cutting and deleting

    /// Cuts off the changes of a rolled back subtransaction and of all inside it: the end of the
    /// transaction's file.
    package func cut(_ number: UInt32, of transaction: UInt32) throws {
        try flush()
        guard let index = spills[transaction]?.index else { return }
        var scan: SpillIndex.Scan?
        let end: Int?
        switch index.cut(number) {
        case .nothing: end = nil
        case .at(let offset): end = offset
        case .scan(let range, let otherwise):
            let found = try self.scan(range, for: number, try openFile(transaction), path(transaction))
            scan = found
            end = found.offset ?? otherwise
        }
        guard let end else { return }
        guard ftruncate(try openFile(transaction), off_t(end)) == 0 else {
            throw fileError(path(transaction), doing: "cut")
        }
        spills[transaction]?.index.cut(at: end, scan)
    }

    /// Searches a range for the cut, reading only the heads of its frames.
    private func scan(_ range: Range<Int>, for number: UInt32, _ descriptor: Int32, _ path: String) throws
        -> SpillIndex.Scan
    {
        var scan = SpillIndex.Scan(number)
        var window = [UInt8](repeating: 0, count: Self.scanBytes)
        var (windowStart, windowBytes) = (range.lowerBound, 0)
        var offset = range.lowerBound
        while offset < range.upperBound {
            if offset + SpillFrame.headBytes > windowStart + windowBytes {
                windowStart = offset
                // Sound: not more than the size of the window.
                windowBytes = unsafe window.withUnsafeMutableBytes { raw in
                    unsafe pread(descriptor, raw.baseAddress!, raw.count, off_t(offset))
                }
                guard windowBytes >= SpillFrame.headBytes else { throw fileError(path, doing: "read back") }
            }
            // Sound: the head is inside the window, by the guard above.
            let (length, found) = unsafe window.withUnsafeBytes { raw in
                let head = offset - windowStart
                return unsafe (
                    UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: head, as: UInt32.self)),
                    UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: head + 8, as: UInt32.self))
                )
            }
            scan.take(number: found, at: offset)
            offset += SpillFrame.headBytes + Int(length)
        }
        return scan
    }

    /// Deletes the file of a transaction that has ended.
    package func remove(_ transaction: UInt32) throws {
        if current == transaction { (current, filled) = (nil, 0) }
        guard let spill = spills[transaction] else { return }
        closeFile(transaction)
        spills[transaction] = nil
        if spill.usedAt > 0 { try Self.delete(path(transaction)) }
    }

    package func removeAll() throws { for transaction in Array(spills.keys) { try remove(transaction) } }

    private static func delete(_ path: String) throws {
        // Sound: the C string lives through the call.
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw fileError(path, doing: "delete") }
    }

    // MARK: Reading back

    /// Returns a reader of a transaction's messages from the first one on; nil if there are none. Nothing may
    /// be appended while the reader is in use.
    package func reader(of transaction: UInt32) throws -> SpillReader? {
        try flush()
        let bytes = bytes(of: transaction)
        return bytes > 0 ? try SpillReader(path: path(transaction), bytes: bytes) : nil
    }
}
