import Postgres

/// Keeps the connection open that an exported snapshot lives on.
final class SnapshotHolder {
    private let stream: ReplicationStream
    let snapshotName: String?

    init(stream: consuming ReplicationStream, snapshotName: String?) {
        self.stream = stream
        self.snapshotName = snapshotName
    }
}
