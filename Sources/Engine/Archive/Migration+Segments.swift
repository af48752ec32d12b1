import Foundation
import Journal

extension Migration {
    /// Returns the segments of this migration for the archiver.
    package func segmentList() throws -> any SegmentList {
        JournalSegmentList(journal: journal, exportDirectory: exportDirectory)
    }
}

/// The archiver's access to the segments in the journal.
private struct JournalSegmentList: SegmentList {
    let journal: Journal
    let exportDirectory: String

    func segments() throws -> [ArchivableSegment] {
        try journal.segments().map { stored in
            ArchivableSegment(
                number: stored.number, path: segmentPath(exportDirectory, number: stored.number),
                isApplied: stored.isApplied, isArchived: stored.isArchived, isDeleted: stored.isDeleted)
        }
    }

    func markArchived(_ number: Int, location: String) throws {
        try journal.segmentArchived(number, location: location)
    }

    func markDeleted(_ number: Int) throws { try journal.segmentDeleted(number) }
}
