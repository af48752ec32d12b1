/// Consecutive indexes for relations, counted from zero, for loops that need data of a relation for each
/// change: the data is kept in arrays by index.
///
/// One multiplication finds an index; a dictionary's hash would cost as much as the rest of the loop. The
/// type is not generic: across modules a generic one is called through type metadata.
public struct RelationIndexes: Sendable {
    /// An open-addressing hash table. Its size is a power of two, at most half of it is used; an index below
    /// zero is a free entry.
    @usableFromInline var table = [(relation: UInt32, index: Int32)](repeating: (0, -1), count: 16)
    package private(set) var count = 0

    public init() {}

    // Always inlined: a call would retain the array, twice for each change.
    @inlinable @inline(__always) public func index(of relation: UInt32) -> Int? {
        let index = table[entry(of: relation)].index
        return index < 0 ? nil : Int(index)
    }

    /// Returns the relation's index; a new relation gets the next one.
    public mutating func add(_ relation: UInt32) -> Int {
        if let index = index(of: relation) { return index }
        if (count + 1) * 2 > table.count { grow() }
        table[entry(of: relation)] = (relation, Int32(truncatingIfNeeded: count))
        count += 1
        return count - 1
    }

    /// The relation's entry in the table, or the free one that it would get.
    @inlinable @inline(__always) func entry(of relation: UInt32) -> Int {
        let mask = table.count - 1
        // The upper bits of the product depend on all bits of the number (Fibonacci hashing).
        var entry = Int(truncatingIfNeeded: (relation &* 0x9E37_79B9) >> 12) & mask
        while table[entry].index >= 0, table[entry].relation != relation { entry = (entry + 1) & mask }
        return entry
    }

    private mutating func grow() {
        let old = table
        table = Array(repeating: (0, -1), count: old.count * 2)
        for used in old where used.index >= 0 { table[entry(of: used.relation)] = used }
    }
}
