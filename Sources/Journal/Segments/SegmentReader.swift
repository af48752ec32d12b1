import Foundation
import Records

/// A reader of the log's frames in order, from segment to segment, while the writer may still append.
///
/// It lends a frame only if the frame is complete and its checksum is right. Bytes after the last whole frame
/// of the newest segment may still grow to one; in an older segment they are a torn tail and are skipped.
@safe package struct SegmentReader: ~Copyable {
    package enum Frame {
        /// A new segment begins. A transaction without its commit is void, unless the header says that it
        /// continues.
        case header(SegmentHeader)
        case message
        /// No more frames for now.
        case end
    }

    private let exportDirectory: String
    private var descriptor: Int32 = -1
    package private(set) var number: Int {
        didSet { successors = SegmentSuccessors(exportDirectory: exportDirectory, of: number) }
    }
    private var successors: SegmentSuccessors
    private var block = ReadBlock()
    /// Bytes of the file that were read.
    private var fileOffset = 0
    private var magicIsRead = false
    private var sawSuccessor = false
    /// Initial state of each frame's checksum.
    private let emptyChecksum = CRC32C()

    private static let readBytes = 1 << 20
    /// Size above which a block shrinks again after its message.
    private static let keptBytesMax = 4 << 20

    package init(exportDirectory: String, from number: Int) {
        self.exportDirectory = exportDirectory
        self.number = number
        successors = SegmentSuccessors(exportDirectory: exportDirectory, of: number)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether all bytes that were read from the file are consumed.
    package var isBufferEmpty: Bool { block.byteCount == 0 }

    /// Offset of the next frame in the file.
    package var offset: Int { fileOffset - block.byteCount }

    /// Reads the next frame: lends a message to `message`, returns a header.
    package mutating func next(message: (RawSpan) throws -> Void) throws -> Frame {
        while true {
            if descriptor < 0, try !openFile() {
                try successors.checkNotMissing()
                return .end
            }
            if !magicIsRead {
                guard try fill(segmentMagic.count) else { return .end }
                // Sound: `fill` has made sure that they are there.
                guard unsafe Array(block.bytes(at: 0, count: segmentMagic.count)) == segmentMagic else {
                    throw damaged("it does not begin with the mark of a segment file")
                }
                block.consume(segmentMagic.count)
                magicIsRead = true
            }
            if try fill(8) {
                let length = Int(block.uint32(at: 0))
                // A power loss leaves zeros up to the end of the file. They are no frame; the capture cuts
                // them off.
                if length == 0, try isZero(segmentPath(exportDirectory, number: number), from: offset) {
                    if try !hasMore() { return .end }
                    continue
                }
                guard length >= 1, length <= framePayloadBytesMax else {
                    throw damaged("a frame length of \(length)")
                }
                if try fill(8 + length) { return try frame(length: length, message: message) }
            }
            if try !hasMore() { return .end }
        }
    }

    /// Whether more may be read, from this segment or from the next one; called if no whole frame is left.
    private mutating func hasMore() throws -> Bool {
        // This segment is read once more after the next one was seen: the writer appends to it until it
        // creates that one.
        if sawSuccessor {
            try nextFile()
            return true
        }
        guard successors.nextExists else {
            try successors.checkNextNotMissing()
            return false
        }
        sawSuccessor = true
        return true
    }

    /// Lends a complete frame and consumes it.
    private mutating func frame(length: Int, message: (RawSpan) throws -> Void) throws -> Frame {
        // Sound: the whole frame was read, and the block does not change while the frame is lent.
        let payload = unsafe block.bytes(at: 8, count: length)
        var checksum = emptyChecksum
        unsafe checksum.update(payload)
        guard checksum.value == block.uint32(at: 4) else {
            throw damaged("the checksum of a frame is wrong")
        }
        // Sound: a payload has at least one byte.
        guard let kind = unsafe FrameKind(rawValue: payload[0]) else {
            throw damaged("a frame of an unknown kind")
        }
        block.consume(8 + length)
        switch kind {
        case .header:
            // Sound: the bytes are copied.
            let json = unsafe Data(payload.dropFirst())
            let header = try JSONDecoder().decode(SegmentHeader.self, from: json)
            guard header.version == SegmentHeader.formatVersion else {
                throw damaged(
                    "its format version is \(header.version), and this program reads "
                        + "\(SegmentHeader.formatVersion)"
                )
            }
            return .header(header)
        case .message:
            // Sound: all but the first byte of the payload, which does not change while it is lent.
            try unsafe message(RawSpan(_unsafeStart: payload.baseAddress! + 1, byteCount: length - 1))
            // The memory of a very large message is released before its effects are processed.
            if block.capacity > Self.keptBytesMax, block.byteCount <= Self.readBytes {
                try resize(to: Self.readBytes)
            }
            return .message
        }
    }

    private func damaged(_ reason: String) -> JournalError {
        .damaged(path: segmentPath(exportDirectory, number: number), offset: offset, reason: reason)
    }

    /// Reads until `count` unconsumed bytes are there. Returns false if the file does not have them yet.
    @inline(__always)
    private mutating func fill(_ count: Int) throws -> Bool {
        if block.byteCount >= count { return true }
        return try read(count)
    }

    private mutating func read(_ count: Int) throws -> Bool {
        block.moveToFront()
        if block.capacity == 0 { try resize(to: Self.readBytes) }
        if block.capacity < count {
            // A damaged length may claim a gigabyte. Memory is allocated only for bytes that the file has.
            var facts = stat()
            // Sound: the struct lives through the call.
            guard unsafe fstat(descriptor, &facts) == 0 else {
                throw fileError(segmentPath(exportDirectory, number: number), doing: "read the size of")
            }
            guard Int(facts.st_size) - fileOffset >= count - block.byteCount else { return false }
            try resize(to: count)
        }
        while block.byteCount < count {
            // Sound: not more than the free space.
            let space = unsafe block.freeSpace
            let got = unsafe pread(descriptor, space.baseAddress, space.count, off_t(fileOffset))
            if got < 0 {
                if errno == EINTR { continue }
                throw fileError(segmentPath(exportDirectory, number: number), doing: "read")
            }
            if got == 0 { return false }
            block.added(got)
            fileOffset += got
        }
        return true
    }

    private mutating func resize(to count: Int) throws {
        guard !block.resize(to: count) else { return }
        throw JournalError.file(
            path: segmentPath(exportDirectory, number: number), doing: "read",
            reason: "there is not enough memory for \(count) bytes")
    }

    private mutating func openFile() throws -> Bool {
        let path = segmentPath(exportDirectory, number: number)
        // Sound: the C string lives through the call.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return false }
            throw fileError(path, doing: "open")
        }
        return true
    }

    private mutating func nextFile() throws {
        close(descriptor)
        descriptor = -1
        number += 1
        block.removeAll()
        fileOffset = 0
        magicIsRead = false
        sawSuccessor = false
        if block.capacity > Self.keptBytesMax { try resize(to: Self.readBytes) }
    }
}
