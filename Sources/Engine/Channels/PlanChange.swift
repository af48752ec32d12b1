import Records

/// A step from one plan to the next, as a value; `ChannelPlanStore` carries it out.
package struct PlanChange: Sendable, Equatable {
    package let plan: ChannelPlan
    /// Index of the earlier channel whose watermark each channel of the new plan takes over.
    package let origins: [Int]
}

extension ChannelPlan {
    private var nextNumber: Int { (allChannels.max() ?? -1) + 1 }

    /// The index of the first channel of a table that is set aside.
    private func firstIndex(ofTable position: Int) -> Int {
        channels.count + tablesSetAside[..<position].reduce(0) { $0 + $1.channels.count }
    }

    /// The tables that stay set aside, with the indexes of the channels they keep.
    private func keeping(_ stays: (TableSetAside) -> Bool) -> (tables: [TableSetAside], indexes: [Int]) {
        var indexes: [Int] = []
        for (position, table) in tablesSetAside.enumerated() where stays(table) {
            let first = firstIndex(ofTable: position)
            indexes += first..<(first + table.channels.count)
        }
        return (tablesSetAside.filter(stays), indexes)
    }

    /// Returns the step to another number of channels, or to tables that are spread otherwise. Released
    /// tables become tables like any other.
    ///
    /// Legal only while the active channels are level: each new channel begins where all of them are.
    package func spread(over count: Int, keyColumns: [QualifiedName: [Identifier]]) -> PlanChange {
        let next = nextNumber
        let (tables, indexes) = keeping { !$0.isReleased }
        return PlanChange(
            plan: ChannelPlan(
                channels: Array(next..<(next + count)), keyColumns: count == 1 ? [:] : keyColumns,
                tablesSetAside: tables),
            origins: Array(repeating: 0, count: count) + indexes)
    }

    /// Returns the step that sets a table aside; nil if it is set aside already.
    ///
    /// The channels need not be level: each of the table's own channels begins at the watermark of the
    /// channel that its changes went to.
    package func settingAside(_ table: QualifiedName) -> PlanChange? {
        if let position = tablesSetAside.firstIndex(where: { $0.table == table }) {
            guard tablesSetAside[position].isReleased else { return nil }
            return marking(position, released: false)
        }
        let key = channels.count == 1 ? [] : keyColumns[table] ?? []
        // The log may still describe a spread table as one that is not. Then its name chooses among all its
        // channels.
        let indexes =
            key.isEmpty
            ? [ChannelHash.index(ChannelHash.of(table), of: channels.count)] : Array(channels.indices)
        let next = nextNumber
        let first = next + channels.count
        let new = TableSetAside(
            table: table, channels: Array(first..<(first + indexes.count)), keyColumns: key, isReleased: false
        )
        let (before, after) = (keeping { $0.table < table }, keeping { $0.table > table })
        return PlanChange(
            plan: ChannelPlan(
                channels: Array(next..<first), keyColumns: keyColumns,
                tablesSetAside: before.tables + [new] + after.tables),
            origins: Array(channels.indices) + before.indexes + indexes + after.indexes)
    }

    /// Returns the step that releases a table: its changes are applied from where it was set aside. Nil if it
    /// is not set aside.
    package func releasing(_ table: QualifiedName) -> PlanChange? {
        let position = tablesSetAside.firstIndex { $0.table == table && !$0.isReleased }
        return position.map { marking($0, released: true) }
    }

    /// Returns a step that keeps all channels.
    private func marking(_ position: Int, released: Bool) -> PlanChange {
        var tables = tablesSetAside
        tables[position] = TableSetAside(
            table: tables[position].table, channels: tables[position].channels,
            keyColumns: tables[position].keyColumns, isReleased: released)
        return PlanChange(
            plan: ChannelPlan(channels: channels, keyColumns: keyColumns, tablesSetAside: tables),
            origins: Array(allChannels.indices))
    }
}
