import Journal
import Postgres
import Records

/// What would make the partitions that came to be on the origin, by their root.
struct NewPartitions {
    let context: RoleContext
    let leg: Leg

    static func key(_ leg: Leg) -> String { "new_parts_\(leg.number)" }

    /// The statements for one root; nil where it has none.
    static func statements(_ journal: Journal, leg: Leg, root: QualifiedName) throws -> [String]? {
        try journal.document([QualifiedName: [String]].self, key: key(leg))?[root]
    }

    /// Keeps and tells what makes a new partition on the destination. Returns why its table is to be held, and what mends it; nil
    /// where the stream carries all its rows.
    ///
    /// - Parameter hasEarlierRows: whether it had rows when it was attached; nil where that is not known
    func note(_ part: OriginCatalog.Part, of root: QualifiedName, hasEarlierRows: Bool?) throws -> (
        reason: String, remedy: String
    )? {
        let (origin, destination) = (leg.direction.origin.rawValue, leg.direction.destination.rawValue)
        let sql = "create table \(part.name.quoted) partition of \(root.quoted) \(part.bound)"
        try context.journal.update([QualifiedName: [String]].self, key: Self.key(leg), initial: [:]) {
            if $0[root, default: []].contains(sql) == false {
                $0[root, default: []].append(sql)
            }
        }
        context.log(
            .warning, "capture",
            "the \(origin) has a new partition \(part.name) of \(root); the \(destination) needs a place for its rows: \(sql)"
                + (hasEarlierRows == nil ? ". Rows it had before it was attached are not captured" : ""))
        guard hasEarlierRows == true else { return nil }
        return (
            "partition \(part.name) was attached on the \(origin) with rows, which were not captured",
            "\(sql) on the \(destination), make its rows those of the \(origin), then `switchback retry table`"
        )
    }
}
