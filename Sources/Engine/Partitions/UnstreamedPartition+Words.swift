import Records

extension UnstreamedPartition {
    /// Why a table cannot be streamed with these partitions.
    static func reason(_ parts: [Self], on side: Side) -> String {
        "the stream does not carry the rows of "
            + parts.prefix(namesMax).map {
                "partition \($0.name), which is \($0.kind.words) on the \(side.rawValue)"
            }
            .joined(separator: ", ")
            + (parts.count > namesMax ? ", and \(parts.count - namesMax) more" : "")
    }

    /// SQL that lets the stream carry them.
    static func remedy(_ parts: [Self]) -> String {
        parts.prefix(namesMax).map { part in
            switch part.kind {
            case .unlogged: "alter table \(part.name.quoted) set logged"
            case .foreign: "detach \(part.name.quoted) from its table"
            }
        }.joined(separator: "; ")
    }

    /// Partitions named in one sentence.
    private static let namesMax = 3
}
