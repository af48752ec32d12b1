import Records

/// Tells when the channels of a connection are no longer what is wanted.
final class PlanWatch {
    private let mode: ApplyMode
    private let plan: ChannelPlan
    private let leg: Leg
    /// With several channels. A unique index that comes does no harm by itself: channels that meet in it are refused, and what was
    /// refused is applied in order. But from then on its table is better off in one channel.
    private let catalog: DestinationMonitor<Set<QualifiedName>>?
    private let tablesOfOneKey: Set<QualifiedName>
    private let schema: SchemaChangeDetector

    init(
        _ plan: ChannelPlan, _ aim: WantedChannels, leg: Leg, catalog: DestinationMonitor<Set<QualifiedName>>?,
        schema: SchemaChangeDetector
    ) {
        mode = aim.mode
        tablesOfOneKey = aim.tablesOfOneKey
        self.plan = plan
        self.leg = leg
        self.catalog = catalog
        self.schema = schema
    }

    /// Whether another plan is wanted, or the destination's tables were seen to be other ones.
    func seesChange(_ record: MigrationRecord) throws -> Bool {
        try record.applyMode != mode || catalog?.seesChange(from: tablesOfOneKey) == true
            || record.setsAsideOtherTables(than: plan, leg) || schema.seesChange()
    }
}
