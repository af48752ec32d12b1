import Journal
import Records

/// The partitions that the origin got after the start, as the statements that would create them on the
/// destination.
struct NewPartitions {
    let context: RoleContext
    let leg: Leg

    static func key(_ leg: Leg) -> String { "new_parts_\(leg.number)" }

    /// Returns the statements of one root; nil if it has no new partition.
    static func statements(_ journal: Journal, leg: Leg, root: QualifiedName) throws -> [String]? {
        try journal.document([QualifiedName: [String]].self, key: key(leg))?[root]
    }

    /// Keeps and logs the statement for a new partition. Returns why its table has to be set aside; nil if
    /// the stream carries all rows of the partition.
    ///
    /// - Parameter hasEarlierRows: whether it had rows when it was attached; nil if that is unknown
    func note(_ partition: OriginCatalog.Part, of root: QualifiedName, hasEarlierRows: Bool?) throws
        -> UnseenChange?
    {
        let (origin, destination) = (leg.direction.origin.rawValue, leg.direction.destination.rawValue)
        let sql = "create table \(partition.name.quoted) partition of \(root.quoted) \(partition.bound)"
        try context.journal.update([QualifiedName: [String]].self, key: Self.key(leg), initial: [:]) {
            if $0[root, default: []].contains(sql) == false {
                $0[root, default: []].append(sql)
            }
        }
        context.log(
            .warning, "capture",
            "the \(origin) has a new partition \(partition.name) of \(root); the \(destination) needs a "
                + "place for its rows: "
                + sql
                + (hasEarlierRows == nil ? ". Rows it had before it was attached are not captured" : ""))
        guard hasEarlierRows == true else { return nil }
        return UnseenChange(
            reason:
                "partition \(partition.name) was attached on the \(origin) with rows, which were not "
                + "captured",
            remedy:
                "\(sql) on the \(destination), make its rows those of the \(origin), then `switchback retry "
                + "table`"
        )
    }
}
