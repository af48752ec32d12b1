import Postgres
import Records

/// All changes of a partitioned table come under its root, so that the sides may be partitioned differently.
func publicationSQL(_ name: String, _ tables: [QualifiedName], serverVersion: Int) -> String {
    // Tables that inherit from one are published by themselves, where they are migrated.
    let list = tables.map { "only \($0.quoted)" }.joined(separator: ", ")
    let root = serverVersion >= 130_000 ? " with (publish_via_partition_root = true)" : ""
    return "create publication \(quoteIdentifier(name)) for table \(list)\(root)"
}

func dropSlotSQL(_ name: String) -> String {
    "select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots "
        + "where slot_name = \(quoteLiteral(name))"
}
