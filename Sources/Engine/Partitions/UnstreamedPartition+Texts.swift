import Records

extension UnstreamedPartition {
    /// Returns why a table cannot be streamed with these partitions.
    static func reason(_ partitions: [Self], on side: Side) -> String {
        "the stream does not carry the rows of "
            + partitions.prefix(namesMax).map {
                "partition \($0.name), which is \($0.kind.words) on the \(side.rawValue)"
            }
            .joined(separator: ", ")
            + (partitions.count > namesMax ? ", and \(partitions.count - namesMax) more" : "")
    }

    /// Returns what lets the stream carry their rows.
    static func remedy(_ partitions: [Self]) -> String {
        partitions.prefix(namesMax).map { partition in
            switch partition.kind {
            case .unlogged: "alter table \(partition.name.quoted) set logged"
            case .foreign: "detach \(partition.name.quoted) from its table"
            }
        }.joined(separator: "; ")
    }

    /// The most partitions that one sentence names.
    private static let namesMax = 3
}
