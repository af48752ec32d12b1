import Postgres

/// An exported snapshot with the connection that keeps it: the server drops the snapshot when that connection
/// ends.
final class ExportedSnapshot {
    private let stream: ReplicationStream
    let name: String?

    init(stream: consuming ReplicationStream, name: String?) {
        self.stream = stream
        self.name = name
    }
}
