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
    private var buffer: [UInt8] = []
    /// Where in the buffer the next frame begins, and how much of it holds file bytes.
    private var start = 0
    private var filled = 0
    private var fileOffset = 0
    private var magicIsRead = false
    private var sawSuccessor = false
    /// The checksum of nothing, with which each frame's begins.
    private let emptyChecksum = CRC32C()

    private static let readBytes = 1 << 20
    /// A larger buffer is given back once its message has been read.
    private static let keptBytesMax = 4 << 20

    package init(exportDirectory: String, from number: Int) {
        self.exportDirectory = exportDirectory
        self.number = number
        successors = Self.successors(exportDirectory, number)
        buffer = [UInt8](repeating: 0, count: Self.readBytes)
    }

    private static func successors(_ exportDirectory: String, _ number: Int) -> (String, String) {
        (
            segmentPath(exportDirectory, number: number + 1),
            segmentPath(exportDirectory, number: number + 2)
        )
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Nothing is left of what was read from the file; only a look at the file can tell whether there is more.
    package var isDrained: Bool { start == filled }

    /// Where in the file the next frame begins.
    package var offset: Int { fileOffset - filled + start }

    /// Lends the next frame: a message to `message`, a header as the result.
    package mutating func next(message: (RawSpan) throws -> Void) throws -> Frame {
        while true {
            if descriptor < 0, try !openFile() {
                if Self.isThere(successors.next) { try checkNotMissing(number) }
                return .end
            }
            if !magicIsRead {
                guard try fill(segmentMagic.count) else { return .end }
                guard Array(buffer[start..<start + segmentMagic.count]) == segmentMagic else {
                    throw damaged("it does not begin with the mark of a segment file")
                }
                start += segmentMagic.count
                magicIsRead = true
            }
            if try fill(8) {
                let length = Int(integer(at: start))
                // Zeros to the end of the file are what a power loss leaves, and no frame: the capture cuts them off.
                if length == 0, try isZero(segmentPath(exportDirectory, number: number), from: offset) {
                    if try !goesOn() { return .end }
                    continue
                }
                guard length >= 1, length <= framePayloadBytesMax else {
                    throw damaged("a frame length of \(length)")
                }
                if try fill(8 + length) { return try frame(length: length, message: message) }
            }
            if try !goesOn() { return .end }
        }
    }

    /// Where no whole frame is left: whether there is more to look at, in this file once more or in the next one.
    private mutating func goesOn() throws -> Bool {
        // Look once more after the next file was seen: the writer appends to a file only until it makes the next one.
        if sawSuccessor {
            try nextFile()
            return true
        }
        guard Self.isThere(successors.next) else {
            if Self.isThere(successors.afterNext) { try checkNotMissing(number + 1) }
            return false
        }
        sawSuccessor = true
        return true
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

    private mutating func frame(length: Int, message: (RawSpan) throws -> Void) throws -> Frame {
        let payload = start + 8
        let expected = integer(at: start + 4)
        var checksum = emptyChecksum
        unsafe buffer.withUnsafeBytes { raw in
            unsafe checksum.update(UnsafeRawBufferPointer(rebasing: raw[payload..<payload + length]))
        }
        guard checksum.value == expected else { throw damaged("the checksum of a frame is wrong") }
        guard let kind = FrameKind(rawValue: buffer[payload]) else {
            throw damaged("a frame of an unknown kind")
        }
        start = payload + length
        switch kind {
        case .header:
            let json = Data(buffer[(payload + 1)..<(payload + length)])
            let header = try JSONDecoder().decode(SegmentHeader.self, from: json)
            guard header.version == SegmentHeader.formatVersion else {
                throw damaged(
                    "it is of format version \(header.version), this program reads \(SegmentHeader.formatVersion)"
                )
            }
            return .header(header)
        case .message:
            // The buffer is not touched while the message is lent.
            try unsafe buffer.withUnsafeBytes { raw in
                try unsafe message(
                    RawSpan(_unsafeStart: raw.baseAddress! + payload + 1, byteCount: length - 1))
            }
            // The room of a very large message is given back before anything is done with what came of it.
            if buffer.count > Self.keptBytesMax, filled - start <= Self.readBytes {
                moveToFront()
                resize(to: Self.readBytes)
            }
            return .message
        }
    }

    private func integer(at index: Int) -> UInt32 {
        UInt32(buffer[index]) | UInt32(buffer[index + 1]) << 8 | UInt32(buffer[index + 2]) << 16
            | UInt32(buffer[index + 3]) << 24
    }

    private func damaged(_ reason: String) -> JournalError {
        .damaged(path: segmentPath(exportDirectory, number: number), offset: offset, reason: reason)
    }

    /// Sees that the buffer holds `count` bytes from `start`; false where the file does not have them yet.
    private mutating func fill(_ count: Int) throws -> Bool {
        if filled - start >= count { return true }
        moveToFront()
        if buffer.count < count {
            // A length that was damaged may ask for a gigabyte: room is made for what the file really has.
            var facts = stat()
            guard unsafe fstat(descriptor, &facts) == 0 else {
                throw fileError(segmentPath(exportDirectory, number: number), doing: "look at")
            }
            guard Int(facts.st_size) - fileOffset >= count - filled else { return false }
            resize(to: count)
        }
        while filled < count {
            let got = unsafe buffer.withUnsafeMutableBytes { raw in
                unsafe pread(descriptor, raw.baseAddress! + filled, raw.count - filled, off_t(fileOffset))
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw fileError(segmentPath(exportDirectory, number: number), doing: "read")
            }
            if got == 0 { return false }
            filled += got
            fileOffset += got
        }
        return true
    }

    private mutating func moveToFront() {
        guard start > 0 else { return }
        let (from, rest) = (start, filled - start)
        // Both ranges lie inside the buffer; memmove takes overlapping ones.
        unsafe buffer.withUnsafeMutableBytes { raw in
            unsafe _ = memmove(raw.baseAddress!, raw.baseAddress! + from, rest)
        }
        filled = rest
        start = 0
    }

    /// Makes the buffer as large, what is filled of it kept; never two large ones at once, as growing it would have.
    private mutating func resize(to count: Int) {
        let kept = Array(buffer[0..<filled])
        buffer = []
        buffer = [UInt8](repeating: 0, count: count)
        buffer.replaceSubrange(0..<kept.count, with: kept)
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
        start = 0
        filled = 0
        fileOffset = 0
        magicIsRead = false
        sawSuccessor = false
        if buffer.count > Self.keptBytesMax { buffer = [UInt8](repeating: 0, count: Self.readBytes) }
    }
}
