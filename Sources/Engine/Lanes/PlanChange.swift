import Records

/// A step from one plan to the next: the plan, and for each of its slots the slot of the plan before whose watermark it
/// takes over. A value; `LaneBook` does what it says.
package struct PlanChange: Sendable, Equatable {
    package let plan: LanePlan
    package let origins: [Int]
}

extension LanePlan {
    private var nextChannel: Int { (allChannels.max() ?? -1) + 1 }

    /// The slot of the first channel of a held table.
    private func firstSlot(ofHeld index: Int) -> Int {
        channels.count + held[..<index].reduce(0) { $0 + $1.channels.count }
    }

    /// The tables whose hold goes on, with the slots they keep.
    private func keeping(_ stays: (HeldTable) -> Bool) -> (held: [HeldTable], slots: [Int]) {
        var slots: [Int] = []
        for (index, table) in held.enumerated() where stays(table) {
            let first = firstSlot(ofHeld: index)
            slots += first..<(first + table.channels.count)
        }
        return (held.filter(stays), slots)
    }

    /// Other lanes, or tables spread otherwise; released tables are tables like others again. Only where the active slots
    /// are level: each new lane begins where all of them are.
    package func spread(over lanes: Int, keyColumns: [QualifiedName: [Identifier]]) -> PlanChange {
        let next = nextChannel
        let (held, slots) = keeping { !$0.isReleased }
        return PlanChange(
            plan: LanePlan(
                channels: Array(next..<(next + lanes)), keyColumns: lanes == 1 ? [:] : keyColumns, held: held),
            origins: Array(repeating: 0, count: lanes) + slots)
    }

    /// Puts a table on hold; nil where it is held already. The lanes need not be level: each of the table's own channels
    /// begins where the lane was that its changes went to.
    package func holding(_ table: QualifiedName) -> PlanChange? {
        if let index = held.firstIndex(where: { $0.table == table }) {
            guard held[index].isReleased else { return nil }
            return marking(index, released: false)
        }
        let key = channels.count == 1 ? [] : keyColumns[table] ?? []
        // A table that is spread may still be announced as one that is not: then its lane is by name among all of them.
        let lanes =
            key.isEmpty
            ? [LaneHash.lane(LaneHash.of(table), of: channels.count)] : Array(channels.indices)
        let next = nextChannel
        let new = HeldTable(
            table: table, channels: Array((next + channels.count)..<(next + channels.count + lanes.count)),
            keyColumns: key, isReleased: false)
        let (before, after) = (keeping { $0.table < table }, keeping { $0.table > table })
        return PlanChange(
            plan: LanePlan(
                channels: Array(next..<(next + channels.count)), keyColumns: keyColumns,
                held: before.held + [new] + after.held),
            origins: Array(channels.indices) + before.slots + lanes + after.slots)
    }

    /// Lets a held table's changes be applied, from where the hold began; nil where it is not held.
    package func releasing(_ table: QualifiedName) -> PlanChange? {
        guard let index = held.firstIndex(where: { $0.table == table && !$0.isReleased }) else { return nil }
        return marking(index, released: true)
    }

    /// All channels stay what they are.
    private func marking(_ index: Int, released: Bool) -> PlanChange {
        var held = held
        held[index] = HeldTable(
            table: held[index].table, channels: held[index].channels, keyColumns: held[index].keyColumns,
            isReleased: released)
        return PlanChange(
            plan: LanePlan(channels: channels, keyColumns: keyColumns, held: held),
            origins: Array(allChannels.indices))
    }
}
