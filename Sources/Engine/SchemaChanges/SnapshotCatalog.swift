import Journal
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
    ///   - catalog: as of the snapshot
    ///   - oldest: every transaction with a lower number had ended before the snapshot was taken
    func keep(_ catalog: OriginCatalog, oldest: UInt32, copied: [QualifiedName]) throws {
        let key = OriginCatalogMonitor.key(leg)
        try context.journal.update(OriginCatalog.self, key: key, initial: catalog) { known in
            for name in copied { known.tables[name] = catalog.tables[name] }
        }
        try EmptiedPartitions.begin(leg, oldest: oldest, in: context.journal)
    }
}
