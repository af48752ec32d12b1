/// A segment of the log, as the journal has it.
package struct ArchivableSegment: Sendable, Equatable {
    package let number: Int
    /// Absolute, below the export directory.
    package let path: String
    /// Whether all its changes are applied, and nothing reads it any more.
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

/// The journal's list of segments, for the archiver.
///
/// Durability: each call is durable on return. A mark that is already there is no error, so that an
/// interrupted sweep can be repeated.
package protocol SegmentList: Sendable {
    /// All segments, in the order of their numbers.
    func segments() throws -> [ArchivableSegment]
    func markArchived(_ number: Int, location: String) throws
    func markDeleted(_ number: Int) throws
}
