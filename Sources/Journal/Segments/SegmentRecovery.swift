import Foundation
import Records

/// Reads the newest segment at the start of capture; nil if there is none.
///
/// It cuts off a torn tail and makes the rest durable, so that all of the segment may be confirmed to the
/// server. Nothing is appended to the segment any more.
///
/// - Parameter durableBytes: bytes of the segment that are known to be durable. If the whole frames are
///   shorter, the segment is damaged, a changed length for example: the server does not send those changes
///   again.
package func recoverNewestSegment(
    exportDirectory: String, durableBytes: Int = 0, message: (RawSpan) throws -> Void
) throws -> SegmentHeader? {
    guard let newest = try segmentNumbers(exportDirectory).max() else { return nil }
    let path = segmentPath(exportDirectory, number: newest)
    var wholeBytes = 0
    var header: SegmentHeader?
    var reader = SegmentReader(exportDirectory: exportDirectory, from: newest)
    scan: while true {
        do {
            switch try reader.next(message: message) {
            case .header(let found): header = found
            case .message: break
            case .end: break scan
            }
        } catch JournalError.damaged(let path, let offset, let reason) {
            // After a power loss a file may end in zeros: blocks that were never written. Anything else is
            // damage.
            guard try isZero(path, from: wholeBytes) || endsUnwritten(path, frameAt: wholeBytes) else {
                throw JournalError.damaged(path: path, offset: offset, reason: reason)
            }
            break scan
        }
        wholeBytes = reader.offset
    }
    guard wholeBytes >= durableBytes else {
        throw JournalError.damaged(
            path: path, offset: wholeBytes,
            reason: "no whole frame begins here, and \(durableBytes) bytes of the file were on the disk")
    }
    // Sound: the C string lives through the call.
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(path, doing: "open") }
    defer { close(descriptor) }
    guard wholeBytes > 0, ftruncate(descriptor, off_t(wholeBytes)) == 0, fsync(descriptor) == 0 else {
        throw fileError(path, doing: "cut the torn tail of")
    }
    return header
}

/// Returns the numbers of the existing segments, in no order.
package func segmentNumbers(_ exportDirectory: String) throws -> [Int] {
    let directory = exportDirectory + "/data/queue"
    guard FileManager.default.fileExists(atPath: directory) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { name in
        guard name.hasPrefix("segment."), name.hasSuffix(".log") else { return nil }
        return Int(name.dropFirst("segment.".count).dropLast(".log".count))
    }
}

/// Whether a file has only zeros from an offset on.
func isZero(_ path: String, from offset: Int) throws -> Bool {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { file.closeFile() }
    try file.seek(toOffset: UInt64(offset))
    while let part = try file.read(upToCount: 1 << 20), !part.isEmpty {
        if part.contains(where: { $0 != 0 }) { return false }
    }
    return true
}

/// Unit of a disk's writes: a part that a power loss left unwritten begins at a multiple of it.
private let blockBytes = 512

/// Whether a frame was written only in part: from a block inside it on the file has only zeros, at least one
/// block of them.
private func endsUnwritten(_ path: String, frameAt offset: Int) throws -> Bool {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { file.closeFile() }
    let size = Int(try file.seekToEnd())
    try file.seek(toOffset: UInt64(offset))
    guard let head = try file.read(upToCount: 4), head.count == 4 else { return false }
    let length = head.reversed().reduce(0) { $0 << 8 | Int($1) }
    // The end of the last byte that is not zero, searched from the end of the file.
    var end = size
    while end > offset {
        let start = max(offset, end - (1 << 16))
        try file.seek(toOffset: UInt64(start))
        guard let part = try file.read(upToCount: end - start), part.count == end - start else {
            return false
        }
        if let last = part.lastIndex(where: { $0 != 0 }) {
            end = start + part.distance(from: part.startIndex, to: last) + 1
            break
        }
        end = start
    }
    let zerosFrom = (end + blockBytes - 1) / blockBytes * blockBytes
    return zerosFrom < offset + 8 + length && size - zerosFrom >= blockBytes
}
