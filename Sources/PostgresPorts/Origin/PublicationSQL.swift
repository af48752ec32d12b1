import Postgres
import Records

/// Returns the statement that creates a publication.
///
/// - Parameter viaRoot: whether a partitioned table's changes are sent as the root's, so that the two
///   databases may be partitioned differently
func publicationSQL(_ name: String, _ tables: [QualifiedName], viaRoot: Bool) -> String {
    // Tables that inherit from a table are published by themselves, if they are migrated.
    let list = tables.map { "only \($0.quoted)" }.joined(separator: ", ")
    let root = viaRoot ? " with (publish_via_partition_root = true)" : ""
    return "create publication \(quoteIdentifier(name)) for table \(list)\(root)"
}

/// Returns the statement that drops a publication; it does nothing if the publication is gone.
func dropPublicationSQL(_ name: String) -> String {
    "drop publication if exists \(quoteIdentifier(name))"
}

extension PostgresConnection {
    /// Whether the server can publish partitioned tables, and streams their changes as the root's.
    var publishesViaRoot: Bool { serverVersion >= 130_000 }
}

/// Returns the statement that drops a slot; it does nothing if the slot is gone.
func dropSlotSQL(_ name: String) -> String {
    "select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where "
        + "slot_name = \(quoteLiteral(name))"
}
