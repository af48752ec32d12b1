import Journal
import Postgres
import Records

/// The origin's catalog as the snapshot has it. The first look beside the stream finds what has changed since then: a partition
/// that was attached, emptied or unlogged for a while when its table had been copied, of which the stream tells nothing.
struct SnapshotCatalog {
    let context: RoleContext
    let leg: Leg

    /// Keeps it of the tables that are copied under this snapshot; of the others the snapshot of their copy holds.
    ///
    /// - Parameters:
    ///   - oldest: a transaction below it had ended before the snapshot was taken
    ///   - snapshot: the exported snapshot
    func keep(
        _ source: borrowing PostgresConnection, under snapshot: String?, oldest: UInt32?,
        copied: [QualifiedName]
    ) throws {
        guard let snapshot, let oldest else { return }
        let catalog = try source.originCatalog(inSchemas: try context.record().schemas, under: snapshot)
        try context.journal.update(OriginCatalog.self, key: OriginCatalogMonitor.key(leg), initial: catalog) { known in
            for name in copied { known.tables[name] = catalog.tables[name] }
        }
        try EmptiedPartitions.begin(leg, oldest: oldest, in: context.journal)
    }
}
