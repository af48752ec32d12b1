import Postgres
import Records

/// Returns the statement that creates a publication. A partitioned table's changes are sent as the root's, so
/// the two databases may be partitioned differently.
package func publicationSQL(_ name: String, _ tables: [QualifiedName], serverVersion: Int) -> String {
    // Tables that inherit from a table are published by themselves, if they are migrated.
    let list = tables.map { "only \($0.quoted)" }.joined(separator: ", ")
    let root = serverVersion >= 130_000 ? " with (publish_via_partition_root = true)" : ""
    return "create publication \(quoteIdentifier(name)) for table \(list)\(root)"
}

/// Returns the statement that drops a slot; it does nothing if the slot is gone.
package func dropSlotSQL(_ name: String) -> String {
    "select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where "
        + "slot_name = \(quoteLiteral(name))"
}
