import Glibc

/// The segments after the one that is read: whether they exist, and whether one before them is missing.
struct SegmentSuccessors {
    private let exportDirectory: String
    private let number: Int
    /// Paths of the next two segments, which are checked at every end.
    private let next: String
    private let afterNext: String
    /// Number of ends at which neither existed, since the directory was last scanned for a later one.
    private var endsSinceScan = 0

    /// Number of ends for each scan of the directory. A missing segment need not be found at once.
    private static let endsPerScan = 200

    init(exportDirectory: String, of number: Int) {
        self.exportDirectory = exportDirectory
        self.number = number
        next = segmentPath(exportDirectory, number: number + 1)
        afterNext = segmentPath(exportDirectory, number: number + 2)
    }

    var nextExists: Bool { Self.exists(next) }

    /// Throws if the segment itself does not exist, and a later one does. Segments are created in the order
    /// of their numbers, so that it would never come.
    mutating func checkNotMissing() throws {
        if try Self.exists(next) || Self.exists(afterNext) || scanFindsLater(than: number) {
            try checkExists(number)
        }
    }

    /// The same for the next segment.
    mutating func checkNextNotMissing() throws {
        if try Self.exists(afterNext) || scanFindsLater(than: number + 1) { try checkExists(number + 1) }
    }

    /// Scans the directory now and then for a segment with a higher number.
    private mutating func scanFindsLater(than number: Int) throws -> Bool {
        endsSinceScan += 1
        guard endsSinceScan >= Self.endsPerScan else { return false }
        endsSinceScan = 0
        return try segmentNumbers(exportDirectory).contains { $0 > number }
    }

    private func checkExists(_ number: Int) throws {
        let path = segmentPath(exportDirectory, number: number)
        guard !Self.exists(path) else { return }
        throw JournalError.file(
            path: path, doing: "read",
            reason: "it is missing, and a later one exists; bring it back, from the archive if it was moved")
    }

    // Sound: the C string lives through the call.
    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
