/// Numbers of changes by kind, in rows, as the reports and the metadata tables count them.
public struct ChangeCounts: Hashable, Sendable, Codable {
    public var inserts: Int64
    public var updates: Int64
    public var deletes: Int64

    public static let zero = ChangeCounts(inserts: 0, updates: 0, deletes: 0)

    public init(inserts: Int64 = 0, updates: Int64 = 0, deletes: Int64 = 0) {
        self.inserts = inserts
        self.updates = updates
        self.deletes = deletes
    }

    public var total: Int64 { inserts + updates + deletes }

    public static func + (left: ChangeCounts, right: ChangeCounts) -> ChangeCounts {
        ChangeCounts(
            inserts: left.inserts + right.inserts, updates: left.updates + right.updates,
            deletes: left.deletes + right.deletes)
    }

    @inlinable public static func += (left: inout ChangeCounts, right: ChangeCounts) {
        left.inserts += right.inserts
        left.updates += right.updates
        left.deletes += right.deletes
    }
}

extension [QualifiedName: ChangeCounts] {
    /// The counts under the names of `tables`.
    ///
    /// Earlier versions kept them under `schema.name` without quotes, which is misread if the schema's name
    /// has a dot. A name that no table has is that of the one table with the same text. A name whose schema
    /// has a dot was written by this version, and is exact.
    package func renamed(to tables: [QualifiedName]) -> Self {
        let known = Set(tables)
        guard contains(where: { !known.contains($0.key) }) else { return self }
        let byText = Dictionary<Identifier, [QualifiedName]>(grouping: tables) { Identifier($0.unquoted) }
        return reduce(into: [:]) { renamed, entry in
            let meant = byText[Identifier(entry.key.unquoted)] ?? []
            let isExact = known.contains(entry.key) || entry.key.schema.text.contains(".")
            let name = isExact || meant.count != 1 ? entry.key : meant[0]
            renamed[name, default: .zero] += entry.value
        }
    }
}
