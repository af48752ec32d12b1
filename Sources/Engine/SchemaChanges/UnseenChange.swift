import Records

/// A change of a table on the origin that the stream does not announce, and for which the table is set aside.
struct UnseenChange: Equatable {
    let reason: String
    let remedy: String
    /// Whether each check finds it again. Another reason for which the table is set aside then stays.
    var isFoundAgain = false
}

/// The reasons and remedies in one direction.
struct UnseenChanges {
    private let side: Side
    private let origin: String
    private let destination: String
    private let publication: String

    private static let newMigration = "exclude it, or begin a new migration"
    private static let retry = "then `switchback retry table`"

    init(_ leg: Leg) {
        side = leg.direction.origin
        origin = side.rawValue
        destination = leg.direction.destination.rawValue
        publication = leg.publicationName
    }

    /// The reason to set a table aside after a change of the catalog; nil if the change alone is none.
    func change(_ change: CatalogChange) -> UnseenChange? {
        switch change {
        case .newTable, .newPartition, .partitionRewritten: nil
        case .gone: UnseenChange(reason: "the \(origin) no longer has the table", remedy: Self.newMigration)
        case .renamed(_, let other):
            UnseenChange(
                reason: "on the \(origin) the table is now called \(other)",
                remedy: "rename it back on the \(origin)")
        case .madeAnew:
            UnseenChange(
                reason:
                    "the \(origin) has dropped the table and made another one of its name, whose changes are "
                    + "not captured", remedy: Self.newMigration)
        case .partitionGone(_, let partition):
            UnseenChange(
                reason:
                    "the \(origin) has dropped or detached partition \(partition), for a while or for good, "
                    + "and the stream does not announce what becomes of its rows",
                remedy: "do the same on the \(destination), or make its rows those of the \(origin), "
                    + Self.retry)
        case .partitionsNotStreamed(_, let partitions):
            UnseenChange(
                reason: UnstreamedPartition.reason(partitions, on: side),
                remedy:
                    "\(UnstreamedPartition.remedy(partitions)), make their rows on the \(destination) "
                    + "those of "
                    + "the \(origin), \(Self.retry)", isFoundAgain: true)
        case .partitionStreamedNow(_, let partition):
            UnseenChange(
                reason:
                    "partition \(partition) on the \(origin) is logged again, and what was written to it "
                    + "before was not captured",
                remedy: "make its rows on the \(destination) those of the \(origin), \(Self.retry)")
        }
    }

    /// The publication does not publish all changes of a table: it was altered, or lists partitions and not a
    /// new one.
    var unpublished: UnseenChange {
        UnseenChange(
            reason:
                "publication \(publication) on the \(origin) does not publish all changes of the table and "
                + "its partitions",
            remedy:
                "add what it lacks to it again, with all changes, make the rows on the \(destination) those "
                + "of the \(origin), \(Self.retry)", isFoundAgain: true)
    }

    /// A partition was truncated alone, or rewritten.
    func emptied(_ partition: QualifiedName) -> UnseenChange {
        UnseenChange(
            reason:
                "partition \(partition) was emptied on the \(origin) by a TRUNCATE of its own, or rewritten, "
                + "and the stream announces neither",
            remedy: "delete from \(partition.quoted) on the \(destination) what the \(origin) no longer has, "
                + Self.retry)
    }
}
