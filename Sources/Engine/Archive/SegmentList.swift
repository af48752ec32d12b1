/// One file of the segment log as the journal knows it.
package struct ArchivableSegment: Sendable, Equatable {
    package let number: Int
    /// Absolute, below the export directory.
    package let path: String
    /// Every change in it is on the database it goes to, and nobody reads it any more.
    package let isApplied: Bool
    package let isArchived: Bool
    package let isDeleted: Bool

    package init(
        number: Int, path: String, isApplied: Bool, isArchived: Bool = false,
        isDeleted: Bool = false
    ) {
        self.number = number
        self.path = path
        self.isApplied = isApplied
        self.isArchived = isArchived
        self.isDeleted = isDeleted
    }
}

/// The journal's list of segments, as the archiver needs it. Each call is durable when it returns; a mark that is
/// there already is no error, so that a sweep cut off anywhere can be done again.
package protocol SegmentList: Sendable {
    /// All segments, in the order of their numbers.
    func segments() throws -> [ArchivableSegment]
    func markArchived(_ number: Int, location: String) throws
    func markDeleted(_ number: Int) throws
}
