import Postgres
import Records

extension OpenLanes {
    /// Returns the LSN through which all changes of a relation are passed over: they are applied already, or
    /// the table is set aside.
    func passedThrough(_ relation: RelationMessage) -> LSN {
        let passed = passed
        return plan.route(of: relation).slots.map { passed[$0] }.min() ?? .zero
    }

    /// Returns the LSN at which the first of the tables was set aside. The log is needed from there on,
    /// however far the lanes are. Nil if no table is set aside; excluded tables need no log.
    func setAsideFrom(without excluded: [ExcludedTable]) -> LSN? {
        let names = Set(excluded.map(\.table))
        var slots: [Int] = []
        var slot = plan.channels.count
        for table in plan.held {
            if !names.contains(table.table) { slots += slot..<(slot + table.channels.count) }
            slot += table.channels.count
        }
        return slots.map { positions[$0].lsn }.min()
    }
}

extension LanePlan {
    /// Returns the next step towards a plan that sets aside exactly these tables; nil if the plan does so
    /// already.
    func step(toSetAside wanted: Set<QualifiedName>) -> PlanChange? {
        for table in wanted.sorted() {
            if let change = holding(table) { return change }
        }
        for table in held where !table.isReleased && !wanted.contains(table.table) {
            if let change = releasing(table.table) { return change }
        }
        return nil
    }
}
