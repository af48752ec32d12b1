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
