import Postgres
import Records

extension OpenChannels {
    /// Through where all changes of a relation are passed over: they are applied already, or the table is held.
    func passedThrough(_ relation: RelationMessage) -> LSN {
        let passed = passed
        return plan.route(of: relation).channelIndexes.map { passed[$0] }.min() ?? .zero
    }

    /// Where the oldest hold began: the log is needed from there on, however far the channels go. Nil where no table is held;
    /// of tables that are left out nothing is needed.
    func setAsideFrom(without excluded: [ExcludedTable]) -> LSN? {
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
    /// The next step towards holding just these tables; nil where the plan is as wanted.
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

/// Which errors of a statement speak of the table and not of its row.
enum SchemaErrorClass {
    /// Undefined table, column, function or object, wrong type, a column that is generated.
    private static let states = ["42P01", "42703", "42804", "42883", "42704", "428C9", "42809"]

    static func contains(_ sqlState: String) -> Bool { states.contains(sqlState) }
}
