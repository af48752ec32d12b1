import Foundation
import Records

/// Reads the frames of the segment log in order, from file to file, while the writer may still append.
///
/// A frame is lent only when all of it is there and its checksum is right. What follows the last whole frame of
/// the newest file may still grow; in an older file it is a torn tail and is passed over.
@safe package struct SegmentReader: ~Copyable {
    package enum Frame {
        /// A new file begins; a transaction left open before it is void unless the header says it goes on.
        case header(SegmentHeader)
        case message
        /// Nothing more for now.
        case end
    }

    private let exportDirectory: String
    private var descriptor: Int32 = -1
    package private(set) var number: Int {
        didSet { successors = Self.successors(exportDirectory, number) }
    }
    /// The paths of the next file and of the one after it, which are looked for at every end.
    private var successors: (next: String, afterNext: String)
    /// How often neither of the two was there since the folder was looked through for one further on.
    private var endsSeen = 0
    private var block = ReadBlock()
    /// How far the file was read.
    private var fileOffset = 0
    private var magicIsRead = false
    private var sawSuccessor = false
    /// The checksum of nothing, with which each frame's begins.
    private let emptyChecksum = CRC32C()

    private static let readBytes = 1 << 20
    /// The folder is looked through once in so many looks at the end: that files are missing is not to be found at once.
    private static let endsPerLook = 200
    /// A larger block is given back once its message has been read.
    private static let keptBytesMax = 4 << 20

    package init(exportDirectory: String, from number: Int) {
        self.exportDirectory = exportDirectory
        self.number = number
        successors = Self.successors(exportDirectory, number)
    }

    private static func successors(_ exportDirectory: String, _ number: Int) -> (String, String) {
        (
            segmentPath(exportDirectory, number: number + 1),
            segmentPath(exportDirectory, number: number + 2)
        )
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Nothing is left of what was read from the file; only a look at the file can tell whether there is more.
    package var isBufferEmpty: Bool { block.byteCount == 0 }

    /// Where in the file the next frame begins.
    package var offset: Int { fileOffset - block.byteCount }

    /// Lends the next frame: a message to `message`, a header as the result.
    package mutating func next(message: (RawSpan) throws -> Void) throws -> Frame {
        while true {
            if descriptor < 0, try !openFile() {
                if try isThereLater(than: number) { try checkNotMissing(number) }
                return .end
            }
            if !magicIsRead {
                guard try fill(segmentMagic.count) else { return .end }
                // `fill` has seen to it that they are there.
                guard unsafe Array(block.bytes(at: 0, count: segmentMagic.count)) == segmentMagic else {
                    throw damaged("it does not begin with the mark of a segment file")
                }
                block.pass(segmentMagic.count)
                magicIsRead = true
            }
            if try fill(8) {
                let length = Int(block.uint32(at: 0))
                // Zeros to the end of the file are what a power loss leaves, and no frame: the capture cuts them off.
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

    /// Where no whole frame is left: whether there is more to look at, in this file once more or in the next one.
    private mutating func hasMore() throws -> Bool {
        // Look once more after the next file was seen: the writer appends to a file only until it makes the next one.
        if sawSuccessor {
            try nextFile()
            return true
        }
        guard Self.isThere(successors.next) else {
            if try isThereLater(than: number + 1) { try checkNotMissing(number + 1) }
            return false
        }
        sawSuccessor = true
        return true
    }

    /// Whether a file with a higher number is there. The next ones are looked for each time, all others now and then.
    private mutating func isThereLater(than number: Int) throws -> Bool {
        if number == self.number, Self.isThere(successors.next) || Self.isThere(successors.afterNext) {
            return true
        }
        if number == self.number + 1, Self.isThere(successors.afterNext) { return true }
        endsSeen += 1
        guard endsSeen >= Self.endsPerLook else { return false }
        endsSeen = 0
        return try segmentNumbers(exportDirectory).contains { $0 > number }
    }

    private static func isThere(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Of a file whose successor is there. Files are made in the order of their numbers: where it is not there itself it is
    /// gone, and waiting for it would be for ever.
    private func checkNotMissing(_ number: Int) throws {
        let path = segmentPath(exportDirectory, number: number)
        guard !Self.isThere(path) else { return }
        throw JournalError.file(
            path: path, doing: "read",
            reason:
                "it is missing and the one after it is there; bring it back, from the archive if it was moved"
        )
    }

    /// Lends the frame that is there whole, and passes over it.
    private mutating func frame(length: Int, message: (RawSpan) throws -> Void) throws -> Frame {
        // It was filled this far, and the block is not touched while the frame is lent.
        let payload = unsafe block.bytes(at: 8, count: length)
        var checksum = emptyChecksum
        unsafe checksum.update(payload)
        guard checksum.value == block.uint32(at: 4) else {
            throw damaged("the checksum of a frame is wrong")
        }
        guard let kind = unsafe FrameKind(rawValue: payload[0]) else {
            throw damaged("a frame of an unknown kind")
        }
        block.pass(8 + length)
        switch kind {
        case .header:
            let json = unsafe Data(payload.dropFirst())
            let header = try JSONDecoder().decode(SegmentHeader.self, from: json)
            guard header.version == SegmentHeader.formatVersion else {
                throw damaged(
                    "it is of format version \(header.version), this program reads \(SegmentHeader.formatVersion)"
                )
            }
            return .header(header)
        case .message:
            try unsafe message(RawSpan(_unsafeStart: payload.baseAddress! + 1, byteCount: length - 1))
            // The room of a very large message is given back before anything is done with what came of it.
            if block.capacity > Self.keptBytesMax, block.byteCount <= Self.readBytes {
                try resize(to: Self.readBytes)
            }
            return .message
        }
    }

    private func damaged(_ reason: String) -> JournalError {
        .damaged(path: segmentPath(exportDirectory, number: number), offset: offset, reason: reason)
    }

    /// Sees that `count` bytes are there; false where the file does not have them yet.
    @inline(__always)
    private mutating func fill(_ count: Int) throws -> Bool {
        if block.byteCount >= count { return true }
        return try read(count)
    }

    private mutating func read(_ count: Int) throws -> Bool {
        block.moveToFront()
        if block.capacity == 0 { try resize(to: Self.readBytes) }
        if block.capacity < count {
            // A length that was damaged may ask for a gigabyte: room is made for what the file really has.
            var facts = stat()
            guard unsafe fstat(descriptor, &facts) == 0 else {
                throw fileError(segmentPath(exportDirectory, number: number), doing: "look at")
            }
            guard Int(facts.st_size) - fileOffset >= count - block.byteCount else { return false }
            try resize(to: count)
        }
        while block.byteCount < count {
            // No more than there is room for.
            let room = unsafe block.room
            let got = unsafe pread(descriptor, room.baseAddress, room.count, off_t(fileOffset))
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
            reason: "there is no memory for \(count) bytes")
    }

    private mutating func openFile() throws -> Bool {
        let path = segmentPath(exportDirectory, number: number)
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
