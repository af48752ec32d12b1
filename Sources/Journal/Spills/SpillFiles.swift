import Foundation
import Glibc

/// The files in which the changes of transactions wait that are streamed before their commit, one for each transaction.
///
/// Durability: none, and none is needed. Nothing of such a transaction is confirmed to the server, which sends it again to
/// whoever asks next; so the files are deleted with the connection they came over, and whatever an earlier process left is
/// deleted at the start. Order: messages stand in the order of `append`. It belongs to one thread.
///
/// Memory: one buffer for all files, and `SpillIndex` for each.
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
    /// What waits for the kernel, all of it of one transaction: the first `filled` bytes of a block that is ours alone and
    /// lives as long as we do.
    private let block: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var current: UInt32?

    /// So many files are open at once; beyond it the one that was not used for longest is closed until its next block.
    package static let openFilesMax = 16
    private static let blockBytes = 512 << 10
    private static let scanBytes = 64 << 10

    /// Deletes what an earlier process left.
    package init(exportDirectory: String) throws {
        self.exportDirectory = exportDirectory
        unsafe block = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockBytes, alignment: 16)
        for file in try spillFiles(exportDirectory) { try Self.delete(file.path) }
    }

    deinit {
        // Only closed: by now the next one may have files of the same names.
        for spill in spills.values where spill.descriptor >= 0 { close(spill.descriptor) }
        unsafe block.deallocate()
    }

    package var transactions: Int { spills.count }

    package func bytes(of transaction: UInt32) -> Int { spills[transaction]?.index.bytes ?? 0 }

    // MARK: Writing

    /// Adds a message: its letter, and what follows the letter and the number.
    /// - Parameter number: the subtransaction it belongs to; 0 where it does not say.
    package func append(letter: UInt8, _ rest: RawSpan, of transaction: UInt32, number: UInt32) throws {
        if current != transaction {
            try flush()
            current = transaction
        }
        try unsafe rest.withUnsafeBytes { try unsafe append(letter, $0, number) }
        spills[transaction, default: Spill()].index.append(
            frameBytes: SpillFrame.headBytes + 1 + rest.byteCount, number: number)
    }

    private func append(_ letter: UInt8, _ rest: UnsafeRawBufferPointer, _ number: UInt32) throws {
        let head = SpillFrame.headBytes + 1
        if filled + head + rest.count > Self.blockBytes { try flush() }
        // The head fits into an empty block, and into one whose rest the guard has measured.
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
            // A message that is larger than the block is written from where it is.
            try flush()
            return try unsafe write(rest)
        }
        // The payload is not of this block, and fits.
        if let bytes = rest.baseAddress {
            unsafe _ = memcpy(block.baseAddress! + filled, bytes, rest.count)
        }
        filled += rest.count
    }

    /// Hands what waits to the kernel. After an error the files are of no more use: the capture ends with it.
    package func flush() throws {
        guard filled > 0 else { return }
        try unsafe write(UnsafeRawBufferPointer(rebasing: block[..<filled]))
        filled = 0
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let current else { return }
        let descriptor = try openFile(current)
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

    /// Takes away what a subtransaction, and all inside it, wrote last.
    package func cut(_ number: UInt32, of transaction: UInt32) throws {
        try flush()
        guard let index = spills[transaction]?.index else { return }
        var scan: SpillIndex.Scan?
        let place: Int?
        switch index.cut(number) {
        case .nothing: place = nil
        case .at(let offset): place = offset
        case .scan(let range, let otherwise):
            let found = try self.scan(range, for: number, try openFile(transaction), path(transaction))
            scan = found
            place = found.place ?? otherwise
        }
        guard let place else { return }
        guard ftruncate(try openFile(transaction), off_t(place)) == 0 else {
            throw fileError(path(transaction), doing: "cut")
        }
        spills[transaction]?.index.cut(at: place, scan)
    }

    /// Reads the heads of the frames of a range.
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
                windowBytes = unsafe window.withUnsafeMutableBytes { raw in
                    unsafe pread(descriptor, raw.baseAddress!, raw.count, off_t(offset))
                }
                guard windowBytes >= SpillFrame.headBytes else { throw fileError(path, doing: "read back") }
            }
            // The head lies inside the window: the guard above has seen to it.
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

    package func remove(_ transaction: UInt32) throws {
        if current == transaction { (current, filled) = (nil, 0) }
        guard let spill = spills[transaction] else { return }
        closeFile(transaction)
        spills[transaction] = nil
        if spill.usedAt > 0 { try Self.delete(path(transaction)) }
    }

    package func removeAll() throws { for transaction in Array(spills.keys) { try remove(transaction) } }

    private static func delete(_ path: String) throws {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw fileError(path, doing: "delete") }
    }

    // MARK: Reading back

    /// What was written of a transaction, to be read from the beginning; nil where that is nothing. Until the reader is let
    /// go of nothing more may be appended to it.
    package func reader(of transaction: UInt32) throws -> SpillReader? {
        try flush()
        let bytes = bytes(of: transaction)
        return bytes > 0 ? try SpillReader(path: path(transaction), bytes: bytes) : nil
    }
}
