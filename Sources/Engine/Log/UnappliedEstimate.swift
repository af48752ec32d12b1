import Glibc
import Journal
import Records

/// How much of a leg's log waits to be applied, by marks that tell which commits lie in front of which place.
///
/// A mark says: whatever lies before its place was committed at or below its LSN. The estimate is high by what lies between
/// two marks, never low.
struct UnappliedEstimate: Sendable {
    private struct Mark {
        let lsn: LSN
        let segment: Int
        let offset: Int64
    }

    /// In the order of the log; the first one is at or below what is applied.
    private var marks: [Mark]
    /// Marks are as far apart, and further where there are very many.
    private static let markBytes: Int64 = 1 << 20
    private static let marksMax = 10_000

    /// - Parameter segments: those of the leg. Each says what lies in front of it, unless that ends inside a transaction.
    init(_ segments: [StoredSegment]) {
        marks = segments.filter { !$0.continuesTransaction }.map {
            Mark(lsn: $0.afterLSN, segment: $0.number, offset: 0)
        }
    }

    /// - Parameters:
    ///   - files: those that are there, in the order of the log.
    ///   - end: the last commit in them; inside a transaction, that one's.
    ///   - applied: through here all is on the other side.
    mutating func unappliedBytes(_ files: [SegmentFile], end: LSN, applied: LSN) -> Int64 {
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

    private mutating func thin() { marks = marks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) }
}

/// A file of the log and its size.
struct SegmentFile: Sendable, Equatable {
    let number: Int
    let bytes: Int64

    /// Those that are there, in the order of the log.
    static func list(_ exportDirectory: String) throws -> [SegmentFile] {
        try segmentNumbers(exportDirectory).sorted().compactMap { number in
            var facts = stat()
            // The struct lives through the call; a file the archiver has just taken away counts nothing.
            guard unsafe stat(segmentPath(exportDirectory, number: number), &facts) == 0 else { return nil }
            return SegmentFile(number: number, bytes: Int64(facts.st_size))
        }
    }
}
