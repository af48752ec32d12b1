import Journal
import Postgres
import Records

/// The origin's catalog as of the snapshot.
///
/// The first check during streaming compares with it. It thus finds a partition that was attached, emptied or
/// unlogged for a while after its table was copied. The stream does not announce such changes.
struct SnapshotCatalog {
    let context: RoleContext
    let leg: Leg

    /// Keeps the entries of the tables that are copied under this snapshot. Other tables keep the entries of
    /// the snapshot under which they were copied.
    ///
    /// - Parameters:
    ///   - oldest: every transaction with a lower number had ended before the snapshot was taken
    ///   - snapshot: the exported snapshot
    func keep(
        _ source: borrowing PostgresConnection, under snapshot: String?, oldest: UInt32?,
        copied: [QualifiedName]
    ) throws {
        guard let snapshot, let oldest else { return }
        let catalog = try source.originCatalog(inSchemas: try context.record().schemas, under: snapshot)
        let key = OriginCatalogMonitor.key(leg)
        try context.journal.update(OriginCatalog.self, key: key, initial: catalog) { known in
            for name in copied { known.tables[name] = catalog.tables[name] }
        }
        try EmptiedPartitions.begin(leg, oldest: oldest, in: context.journal)
    }
}
