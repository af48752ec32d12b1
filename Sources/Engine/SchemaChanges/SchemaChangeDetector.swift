import Journal
import Records

/// The apply role's check that every table fits before its changes are applied.
///
/// It compares what is announced with what the destination has, sets aside the tables that do not fit, and
/// releases them when they do.
final class SchemaChangeDetector {
    private let context: RoleContext
    private let leg: Leg
    private var shapes: [QualifiedName: TableShape] = [:]
    private let states: TableSchemaStates
    private let monitor: DestinationMonitor<[QualifiedName: TableShape]>
    private var checked: [UInt32: RelationMessage] = [:]
    private var suspects: [TableDoesNotFit] = []
    private var typeNames: [UInt32: String] = [:]
    private var start: [QualifiedName: [Identifier: String]]?

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
        states = TableSchemaStates(journal: context.journal, leg: leg)
        monitor = DestinationMonitor(context, leg, pace: context.options.schemaPace) {
            try $0.shapes()
        }
    }

    // MARK: Between connections

    /// Notes a table that did not fit in the stream. `begin` decides on it when it has read the destination
    /// again.
    func suspect(_ table: TableDoesNotFit) { suspects.append(table) }

    /// Reads the destination's tables, and decides which tables are set aside and which are released. It runs
    /// before the plan of the channels is made.
    func begin(_ session: any DestinationSession) throws {
        let record = try context.record()
        shapes = try session.shapes()
        monitor.noteCheck()
        checked = [:]
        for suspect in suspects { try decide(suspect, session) }
        suspects = []
        for (name, state) in states.known where state.fitted != nil && state.fitted?.shape != shapes[name] {
            guard record.setAsideTable(name) == nil else { continue }
            let found = try differences(of: name, session)
            if !found.isEmpty { try setAside(name, .shape, found) }
        }
        for table in record.setAsideTables where table.leg == leg.number && !table.isReleased {
            try decide(table, session)
        }
    }

    /// Forgets the released tables that the plan no longer has: all of their changes are applied.
    func finish(_ plan: ChannelPlan) throws {
        for table in try context.record().setAsideTables where table.leg == leg.number && table.isReleased {
            guard !plan.tablesSetAside.contains(where: { $0.table == table.table }) else { continue }
            try context.update { record, transaction in
                record.tablesSetAside?.removeAll { $0.table == table.table }
                try transaction.log(
                    .info, "apply", "\(table.table) is no longer set aside; all of its changes are applied")
            }
        }
    }

    /// Returns whether the destination's tables have changed since `begin`.
    func seesChange() throws -> Bool { try monitor.seesChange(from: shapes) }

    // MARK: Decisions

    private func decide(_ suspect: TableDoesNotFit, _ session: any DestinationSession) throws {
        let found = try differences(of: suspect.table, session)
        if !found.isEmpty {
            try setAside(suspect.table, .shape, found)
        } else if suspect.differences.contains(where: \.isHard) {
            // An older form of a table that catches up does not fit; the latest one does.
            try setAside(suspect.table, .unseen, suspect.differences)
        } else if let reason = suspect.reason {
            try setAside(suspect, reason)
        }
    }

    private func decide(_ table: SetAsideTable, _ session: any DestinationSession) throws {
        let name = table.table
        let found = try differences(of: name, session)
        guard table.isOver(found, partitions: shapes[name]?.parts) else {
            // The differences may not be those of before.
            if table.cause == .shape, !found.isEmpty { try setAside(name, .shape, found) }
            guard table.isRetryAsked else { return }
            let words = found.map(\.words).joined(separator: "; ")
            return try context.update { record, transaction in
                record.changeSetAsideTable(name) { $0.isRetryAsked = false }
                try transaction.log(
                    .warning, "apply", "\(name) stays set aside: \(words.isEmpty ? table.reason : words)")
            }
        }
        var state = try state(of: name)
        if let latest = state.latest, let shape = shapes[name] {
            state.fitted = FittedTable(announced: latest, shape: shape)
        }
        state.columnsWhileSetAside = []
        try states.keep(state, of: name)
        let accepted = found.map(\.words).joined(separator: "; ")
        try context.update { record, transaction in
            record.changeSetAsideTable(name) {
                $0.isRetryAsked = false
                $0.isReleased = true
            }
            let known = record.reshapedTables ?? []
            if table.cause != .partition, !known.contains(name) { record.reshapedTables = known + [name] }
            try transaction.log(
                accepted.isEmpty ? .info : .warning, "apply",
                "\(name) is applied again, from where it was set aside"
                    + (accepted.isEmpty ? "" : ", as the operator said; what differs stays: \(accepted)"))
        }
    }

    private func setAside(_ name: QualifiedName, _ cause: SetAsideTable.Cause, _ found: [SchemaDifference])
        throws
    {
        try setAside(
            name, cause, reason: found.map(\.words).joined(separator: "; "),
            remedy: found.map(\.remedy).joined(separator: "; "))
    }

    private func setAside(_ suspect: TableDoesNotFit, _ reason: String) throws {
        var remedy = "compare the table on both sides, mend it, then `switchback retry table`"
        if suspect.cause == .partition {
            let statements = try NewPartitions.statements(context.journal, leg: leg, root: suspect.table)
            remedy =
                statements?.joined(separator: "; ")
                ?? "make the partition on the \(leg.direction.destination.rawValue)"
        }
        try setAside(
            suspect.table, suspect.cause == .shape ? .unseen : suspect.cause, reason: reason, remedy: remedy)
    }

    private func setAside(
        _ name: QualifiedName, _ cause: SetAsideTable.Cause, reason: String, remedy: String
    ) throws {
        try context.setAside(
            SetAsideTable(
                table: name, leg: leg.number, cause: cause, reason: reason, remedy: remedy,
                since: secondsNow(), partitions: shapes[name]?.parts ?? 0), origin: "apply")
    }

    // MARK: In the stream

    /// Checks a relation whose changes are to be applied, and throws `TableDoesNotFit` if they cannot be.
    ///
    /// - Parameters:
    ///   - isCatchingUp: whether the table was released; older forms of it then pass if all of their columns
    ///     exist
    ///   - lsn: the LSN of the transaction that has the changes
    func check(_ relation: RelationMessage, isCatchingUp: Bool, in lsn: LogPosition) throws {
        if checked[relation.id] == relation { return }
        let announced = try announced(relation)
        var state = try state(of: relation.name)
        let found = fit(announced, state).differences { _ in "" }
        let isRefused = isCatchingUp ? found.contains(where: \.isHard) : !found.isEmpty
        if isRefused {
            if isCatchingUp {
                state.noteColumns(of: announced)
            } else {
                state.latest = announced
            }
            try states.keep(state, of: relation.name)
            throw TableDoesNotFit(
                table: relation.name, differences: isCatchingUp ? found.filter(\.isHard) : [], lsn: lsn)
        }
        checked[relation.id] = relation
        guard !isCatchingUp, let shape = shapes[relation.name] else { return }
        state.latest = announced
        state.fitted = FittedTable(announced: announced, shape: shape)
        try states.keep(state, of: relation.name)
    }

    /// Notes how a table set aside is announced now. The destination has to fit that.
    func noteSetAside(_ relation: RelationMessage) throws {
        var state = try state(of: relation.name)
        let announced = try announced(relation)
        state.latest = announced
        state.noteColumns(of: announced)
        try states.keep(state, of: relation.name)
    }

    // MARK: Comparing

    private func fit(_ announced: AnnouncedTable, _ state: TableSchemaState) -> SchemaFit {
        SchemaFit(
            announced: announced, shape: shapes[announced.name], direction: leg.direction,
            before: state.fitted, start: startTypes(announced.name))
    }

    /// Returns the differences of a table as it was last announced.
    private func differences(of name: QualifiedName, _ session: any DestinationSession) throws
        -> [SchemaDifference]
    {
        let state = try state(of: name)
        guard let latest = state.latest else { return [] }
        var names: [Identifier: String] = [:]
        for column in latest.columns {
            if let there = shapes[name]?.column(column.name), SchemaFit.isSame(column, there) { continue }
            names[column.name] = try column.typeName ?? session.typeText(of: column)
        }
        let found = fit(latest, state).differences { names[$0.name] ?? "?" }
        guard let shape = shapes[name] else { return found }
        return state.differences(found, shape: shape, direction: leg.direction)
    }

    private func announced(_ relation: RelationMessage) throws -> AnnouncedTable {
        let own = relation.columns.filter { $0.typeOID >= SchemaFit.firstOwnTypeOID }
        if own.contains(where: { typeNames[$0.typeOID] == nil }) {
            typeNames = try OriginTypes.names(context.journal, leg: leg)
        }
        return AnnouncedTable(relation, typeNames: typeNames)
    }

    /// The types of the origin's columns when the migration began; nil unless the leg began with them.
    private func startTypes(_ name: QualifiedName) -> [Identifier: String]? {
        guard leg.start.hasSnapshot else { return nil }
        return start?[name]
    }

    private func state(of name: QualifiedName) throws -> TableSchemaState {
        if start == nil { start = try OriginTypes.atStart(context.journal) }
        return try states.state(of: name)
    }
}
