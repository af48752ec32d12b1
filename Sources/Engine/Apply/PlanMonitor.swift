import Records

/// The monitor that notices when the channels of a connection are no longer the wanted ones.
final class PlanMonitor {
    private let mode: ApplyMode
    private let plan: ChannelPlan
    private let leg: Leg
    /// The monitor of unique indexes; nil with one channel. A new unique index does no harm by itself: if
    /// channels conflict in it, their changes are refused and then applied in order. But its table is
    /// applied faster in one channel.
    private let catalog: DestinationMonitor<Set<QualifiedName>>?
    private let tablesOfOneKey: Set<QualifiedName>
    private let schema: SchemaChangeDetector

    init(
        _ plan: ChannelPlan, _ wanted: WantedChannels, leg: Leg,
        catalog: DestinationMonitor<Set<QualifiedName>>?, schema: SchemaChangeDetector
    ) {
        mode = wanted.mode
        tablesOfOneKey = wanted.tablesOfOneKey
        self.plan = plan
        self.leg = leg
        self.catalog = catalog
        self.schema = schema
    }

    /// Returns whether another plan is wanted, or the destination's tables have changed.
    func seesChange(_ record: MigrationRecord) throws -> Bool {
        try record.applyMode != mode || catalog?.seesChange(from: tablesOfOneKey) == true
            || record.setsAsideOtherTables(than: plan, leg) || schema.seesChange()
    }
}
