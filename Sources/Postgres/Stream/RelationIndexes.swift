/// Gives every relation a index, counted from zero, for loops that look one up for every change: what is kept of relations
/// stands in arrays by index. A multiplication finds it, where a dictionary's hash would cost as much as the rest.
///
/// It is no generic map on purpose: across modules one is called by way of its type's description.
public struct RelationIndexes: Sendable {
    /// A power of two, at most half of them taken; a index below zero is none.
    @usableFromInline var slots = [(relation: UInt32, index: Int32)](repeating: (0, -1), count: 16)
    package private(set) var count = 0

    public init() {}

    // Inlined always: a call would hold the array for as long, twice a change.
    @inlinable @inline(__always) public func index(of relation: UInt32) -> Int? {
        let index = slots[slot(of: relation)].index
        return index < 0 ? nil : Int(index)
    }

    /// The relation's index, the next one where it has none.
    public mutating func add(_ relation: UInt32) -> Int {
        if let index = index(of: relation) { return index }
        if (count + 1) * 2 > slots.count { grow() }
        slots[slot(of: relation)] = (relation, Int32(truncatingIfNeeded: count))
        count += 1
        return count - 1
    }

    /// Where the relation is, or belongs.
    @inlinable @inline(__always) func slot(of relation: UInt32) -> Int {
        let mask = slots.count - 1
        // The upper bits of the product depend on all bits of the number (Fibonacci hashing).
        var slot = Int(truncatingIfNeeded: (relation &* 0x9E37_79B9) >> 12) & mask
        while slots[slot].index >= 0, slots[slot].relation != relation { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: (0, -1), count: old.count * 2)
        for taken in old where taken.index >= 0 { slots[slot(of: taken.relation)] = taken }
    }
}
