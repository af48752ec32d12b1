import Glibc
import Journal
import Records

/// An estimate of the bytes of a leg's log that are not applied yet, made from marks in the log.
///
/// A mark is an offset in a segment with an LSN: everything before that offset was committed at or below that
/// LSN. The estimate is too high by at most the bytes between two marks, never too low.
struct UnappliedEstimate: Sendable {
    /// A position in the log; everything before it was committed at or below the LSN.
    private struct Mark {
        let lsn: LogPosition
        let segment: Int
        let offset: Int64
    }

    /// The marks in the order of the log; the first one is at or below the applied LSN.
    private var marks: [Mark]
    /// Distance between two marks; greater if there are very many.
    private static let markBytes: Int64 = 1 << 20
    private static let marksMax = 10_000

    /// - Parameter segments: those of the leg. The beginning of each is a mark, unless it is inside a
    ///   transaction.
    init(_ segments: [StoredSegment]) {
        marks = segments.filter { !$0.continuesTransaction }.map {
            Mark(lsn: $0.afterLSN, segment: $0.number, offset: 0)
        }
    }

    /// Returns the estimate, and adds a mark at the end of the log if one is due.
    ///
    /// - Parameters:
    ///   - files: the existing segments, in the order of the log
    ///   - end: the last commit LSN in them; inside a transaction, its commit LSN
    ///   - applied: changes up to this LSN are applied
    mutating func bytes(_ files: [SegmentFile], end: LogPosition, applied: LogPosition) -> Int64 {
        if let newest = files.last {
            let isFar =
                marks.last.map { $0.segment != newest.number || newest.bytes - $0.offset >= Self.markBytes }
                ?? true
            if isFar || end <= applied {
                if marks.count >= Self.marksMax { thin() }
                marks.append(Mark(lsn: end, segment: newest.number, offset: newest.bytes))
            }
        }
        let passed = marks.lastIndex { $0.lsn <= applied } ?? 0
        marks.removeFirst(passed)
        guard let from = marks.first else { return files.reduce(0) { $0 + $1.bytes } }
        return files.filter { $0.number >= from.segment }.reduce(0) { $0 + $1.bytes }
            - (from.lsn <= applied ? from.offset : 0)
    }

    /// Removes every other mark.
    private mutating func thin() { marks = marks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) }
}

/// A segment on the disk and its size.
struct SegmentFile: Sendable, Equatable {
    let number: Int
    let bytes: Int64

    /// Returns the existing segments, in the order of the log.
    static func list(_ exportDirectory: String) throws -> [SegmentFile] {
        try segmentNumbers(exportDirectory).sorted().compactMap { number in
            var facts = stat()
            // Sound: struct and C string live through the call. A file that the archiver has just removed
            // does not count.
            guard unsafe stat(segmentPath(exportDirectory, number: number), &facts) == 0 else { return nil }
            return SegmentFile(number: number, bytes: Int64(facts.st_size))
        }
    }
}
