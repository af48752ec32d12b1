import Postgres
import Records

/// How the operator and the destination's catalogs want the lanes to be.
struct LaneAim: Equatable {
    let mode: ApplyMode
    /// The key of each table that may be spread.
    let keyColumns: [QualifiedName: [Identifier]]
    /// What the catalogs said; empty where they were not asked.
    let tablesOfOneKey: Set<QualifiedName>

    init(mode: ApplyMode, keyColumns: [QualifiedName: [Identifier]], tablesOfOneKey: Set<QualifiedName> = [])
    {
        self.mode = mode
        self.keyColumns = keyColumns
        self.tablesOfOneKey = tablesOfOneKey
    }

    /// Looks at the catalogs where several lanes are wanted.
    init(
        _ mode: ApplyMode, _ tables: some Sequence<Table>, schemas: [String],
        _ connection: borrowing PostgresConnection
    ) throws {
        guard mode.lanes > 1 else {
            self.init(mode: mode, keyColumns: [:])
            return
        }
        let ofOneKey = try connection.tablesOfOneKey(inSchemas: schemas)
        var keyColumns: [QualifiedName: [Identifier]] = [:]
        for table in tables where ofOneKey.contains(table.name) && Self.hasPlainKey(table) {
            keyColumns[table.name] = table.primaryKey
        }
        self.init(mode: mode, keyColumns: keyColumns, tablesOfOneKey: ofOneKey)
    }

    /// The step from a plan to what is wanted; nil where there is none to make. Only for lanes that are level.
    func change(of plan: LanePlan) -> PlanChange? {
        let isAsWanted =
            plan.channels.count == mode.lanes && plan.keyColumns == keyColumns
            && !plan.held.contains(where: \.isReleased)
        return isAsWanted ? nil : plan.spread(over: mode.lanes, keyColumns: keyColumns)
    }

    /// Whether equal keys have equal texts: a row must not change its lane by being written otherwise.
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
