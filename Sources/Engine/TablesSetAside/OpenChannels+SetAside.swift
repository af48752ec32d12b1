import Records

extension OpenChannels {
    /// Returns the LSN through which all changes of a relation are passed over: they are applied already, or
    /// the table is set aside.
    func passedThrough(_ relation: RelationMessage) -> LogPosition {
        let passed = passed
        return plan.route(of: relation).channelIndexes.map { passed[$0] }.min() ?? .zero
    }

    /// Returns the LSN at which the first of the tables was set aside. The log is needed from there on,
    /// however far the channels are. Nil if no table is set aside; excluded tables need no log.
    func setAsideFrom(without excluded: [ExcludedTable]) -> LogPosition? {
        let names = Set(excluded.map(\.table))
        var indexes: [Int] = []
        var index = plan.channels.count
        for table in plan.tablesSetAside {
            if !names.contains(table.table) { indexes += index..<(index + table.channels.count) }
            index += table.channels.count
        }
        return indexes.map { positions[$0].lsn }.min()
    }
}

extension ChannelPlan {
    /// Returns the next step towards a plan that sets aside exactly these tables; nil if the plan does so
    /// already.
    func step(toSetAside wanted: Set<QualifiedName>) -> PlanChange? {
        for table in wanted.sorted() {
            if let change = settingAside(table) { return change }
        }
        for table in tablesSetAside where !table.isReleased && !wanted.contains(table.table) {
            if let change = releasing(table.table) { return change }
        }
        return nil
    }
}
