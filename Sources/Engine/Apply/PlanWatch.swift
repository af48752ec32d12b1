import Records

/// Tells when the lanes of a connection are no longer what is wanted.
final class PlanWatch {
    private let mode: ApplyMode
    private let plan: LanePlan
    private let leg: Leg
    /// With several lanes.
    private let catalog: CatalogWatch?
    private let schema: SchemaWatch

    init(_ plan: LanePlan, mode: ApplyMode, leg: Leg, catalog: CatalogWatch?, schema: SchemaWatch) {
        self.mode = mode
        self.plan = plan
        self.leg = leg
        self.catalog = catalog
        self.schema = schema
    }

    /// Whether another plan is wanted, or the destination's tables are other ones; looks there where it is time to.
    func seesChange(_ record: MigrationRecord) throws -> Bool {
        try record.applyMode != mode || catalog?.seesChange() == true
            || record.isHeldOtherwise(than: plan, leg) || schema.seesChange()
    }
}
