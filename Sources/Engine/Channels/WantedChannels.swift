import Records

/// The channels as the operator and the destination's catalogs want them.
struct WantedChannels: Equatable {
    let mode: ApplyMode
    /// The key of each table that may be spread.
    let keyColumns: [QualifiedName: [Identifier]]
    /// The tables whose rows only their primary key keeps apart; empty if the catalogs were not asked.
    let tablesOfOneKey: Set<QualifiedName>

    init(mode: ApplyMode, keyColumns: [QualifiedName: [Identifier]], tablesOfOneKey: Set<QualifiedName> = [])
    {
        self.mode = mode
        self.keyColumns = keyColumns
        self.tablesOfOneKey = tablesOfOneKey
    }

    /// Reads the catalogs if several channels are wanted.
    init(
        _ mode: ApplyMode, _ tables: [Table], _ destination: any DestinationReader, keys: ChannelKeys = .auto
    ) throws {
        guard mode.channels > 1 else {
            self.init(mode: mode, keyColumns: [:])
            return
        }
        let ofOneKey = try destination.tablesOfOneKey()
        var keyColumns: [QualifiedName: [Identifier]] = [:]
        for table in tables
        where ofOneKey.contains(table.name) && Self.hasPlainKey(table) && keys.spreads(table.name) {
            keyColumns[table.name] = table.primaryKey
        }
        self.init(mode: mode, keyColumns: keyColumns, tablesOfOneKey: ofOneKey)
    }

    /// Returns the step from a plan to the wanted one; nil if the plan is as wanted. Legal only while
    /// channels are level.
    func change(of plan: ChannelPlan) -> PlanChange? {
        let isAsWanted =
            plan.channels.count == mode.channels && plan.keyColumns == keyColumns
            && !plan.tablesSetAside.contains(where: \.isReleased)
        return isAsWanted ? nil : plan.spread(over: mode.channels, keyColumns: keyColumns)
    }

    /// Whether equal keys have equal texts. Otherwise a row could change its channel when its key is written
    /// differently.
    private static func hasPlainKey(_ table: Table) -> Bool {
        let types = Dictionary(
            table.columns.map { ($0.name, $0.typeName) }, uniquingKeysWith: { first, _ in first })
        return !table.primaryKey.isEmpty && table.primaryKey.allSatisfy { isPlain(types[$0] ?? "") }
    }

    static func isPlain(_ typeName: String) -> Bool {
        guard !typeName.hasSuffix("]") else { return false }
        // With a scale, a number has one text.
        if typeName.hasPrefix("numeric(") { return true }
        var base = String(typeName.prefix { $0 != "(" })
        while base.last == " " { base.removeLast() }
        return [
            "smallint", "integer", "bigint", "uuid", "text", "character varying", "character", "boolean",
            "date", "bytea", "timestamp", "timestamp without time zone", "timestamp with time zone", "oid",
            "name",
        ].contains(base)
    }
}
