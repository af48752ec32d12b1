import Postgres
import Records

/// A table was emptied or rewritten after the snapshot was taken and before its copy began. Older snapshots
/// do not see the old rows then: the copy found none, or others, and has to be made under a later snapshot.
struct TableRewritten: Error, CustomStringConvertible {
    let table: QualifiedName

    var description: String {
        "\(table) was truncated, rewritten, or lost a partition before its copy began; it is copied again "
            + "under a later snapshot"
    }
}

/// The exported snapshot is gone: the connection that kept it was lost. The copy begins again under a later
/// one.
struct SnapshotLost: Error, CustomStringConvertible {
    let cause: PostgresError

    var description: String { "the snapshot is gone with the connection that kept it: \(cause)" }
}
