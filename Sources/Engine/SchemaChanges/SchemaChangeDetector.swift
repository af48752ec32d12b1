import Foundation
import Journal
import Postgres
import Records

/// Sees to it that no change is applied to a table that is not as it should be: compares what is announced with what the
/// destination has, holds the tables that do not fit, and lets them go on when they do. It belongs to the apply role.
final class SchemaChangeDetector {
    private let context: RoleContext
    private let leg: Leg
    private var shapes: [QualifiedName: TableShape] = [:]
    private let states: TableSchemaStates
    private let destinationMonitor: DestinationMonitor<[QualifiedName: TableShape]>
    private var checked: [UInt32: RelationMessage] = [:]
    private var suspects: [TableDoesNotFit] = []
    private var typeNames: [UInt32: String] = [:]
    private var start: [QualifiedName: [Identifier: String]]?

    private static let lookSecondsMin = 2.0

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
        states = TableSchemaStates(journal: context.journal, leg: leg)
        destinationMonitor = DestinationMonitor(context, leg, secondsMin: Self.lookSecondsMin) {
            try $0.shapes(inSchemas: $1)
        }
    }

    // MARK: Between connections

    /// Notes what was met in the stream; it is decided upon when the destination was looked at again.
    func suspect(_ table: TableDoesNotFit) { suspects.append(table) }

    /// Looks at the destination and decides which tables are held and which go on. Before the plan of the channels is made.
    func begin(_ connection: borrowing PostgresConnection) throws {
        let record = try context.record()
        shapes = try connection.shapes(inSchemas: record.schemas)
        destinationMonitor.looked()
        checked = [:]
        for suspect in suspects {
            let found = try differences(of: suspect.table, connection)
            if !found.isEmpty {
                try hold(suspect.table, .shape, found)
            } else if suspect.differences.contains(where: \.isHard) {
                // Of a form in which the table comes out of its hold: the latest one fits.
                try hold(suspect.table, .unseen, suspect.differences)
            } else if let reason = suspect.reason {
                try holdForReason(suspect, reason)
            }
        }
        suspects = []
        for (name, memory) in states.known
        where memory.fitted != nil && memory.fitted?.shape != shapes[name] {
            guard record.setAsideTable(name) == nil else { continue }
            let found = try differences(of: name, connection)
            if !found.isEmpty { try hold(name, .shape, found) }
        }
        for hold in record.setAsideTables where hold.leg == leg.number && !hold.isReleased {
            try decide(hold, connection)
        }
    }

    /// Holds that are over: the plan knows them no more.
    func finish(_ plan: ChannelPlan) throws {
        for hold in try context.record().setAsideTables where hold.leg == leg.number && hold.isReleased {
            guard !plan.tablesSetAside.contains(where: { $0.table == hold.table }) else { continue }
            try context.update { $0.tablesSetAside?.removeAll { $0.table == hold.table } }
            context.log(.info, "apply", "\(hold.table) is no longer set aside; all of its changes are applied")
        }
    }

    /// Whether the destination's tables were seen to be other than at `begin`.
    func seesChange() throws -> Bool { try destinationMonitor.seesChange(from: shapes) }

    private func decide(_ hold: SetAsideTable, _ connection: borrowing PostgresConnection) throws {
        let name = hold.table
        let found = try differences(of: name, connection)
        guard hold.isOver(found, parts: shapes[name]?.parts) else {
            // What is in the way now may be another thing than at first.
            if hold.cause == .shape, !found.isEmpty { try self.hold(name, .shape, found) }
            guard hold.isRetryAsked else { return }
            try context.update { record in record.changeSetAsideTable(hold.table) { $0.isRetryAsked = false }
            }
            let words = found.map(\.words).joined(separator: "; ")
            context.log(.warning, "apply", "\(hold.table) stays set aside: \(words.isEmpty ? hold.reason : words)")
            return
        }
        var memory = try state(of: name)
        if let latest = memory.latest, let shape = shapes[name] {
            memory.fitted = FittedTable(announced: latest, shape: shape)
        }
        memory.heldColumns = []
        try states.keep(memory, of: name)
        try context.update { record in
            record.changeSetAsideTable(hold.table) {
                $0.isRetryAsked = false
                $0.isReleased = true
            }
            let known = record.reshapedTables ?? []
            if hold.cause != .partition, !known.contains(hold.table) {
                record.reshapedTables = known + [hold.table]
            }
        }
        let accepted = found.map(\.words).joined(separator: "; ")
        context.log(
            accepted.isEmpty ? .info : .warning, "apply",
            "\(hold.table) is applied again, from where it was set aside"
                + (accepted.isEmpty ? "" : ", as the operator said; what differs stays: \(accepted)"))
    }

    private func hold(_ name: QualifiedName, _ cause: SetAsideTable.Cause, _ found: [SchemaDifference]) throws
    {
        try context.setAside(
            SetAsideTable(
                table: name, leg: leg.number, cause: cause,
                reason: found.map(\.words).joined(separator: "; "),
                remedy: found.map(\.remedy).joined(separator: "; "), since: secondsNow(),
                parts: shapes[name]?.parts ?? 0), origin: "apply")
    }

    private func holdForReason(_ suspect: TableDoesNotFit, _ reason: String) throws {
        var remedy = "compare the table on both sides, mend it, then `switchback retry table`"
        if suspect.cause == .partition {
            let statements = try NewPartitions.statements(context.journal, leg: leg, root: suspect.table)
            remedy =
                statements?.joined(separator: "; ")
                ?? "make the partition on the \(leg.direction.destination.rawValue)"
        }
        try context.setAside(
            SetAsideTable(
                table: suspect.table, leg: leg.number,
                cause: suspect.cause == .shape ? .unseen : suspect.cause, reason: reason, remedy: remedy,
                since: secondsNow(), parts: shapes[suspect.table]?.parts ?? 0), origin: "apply")
    }

    // MARK: In the stream

    /// Checks a relation whose changes are to be applied. `isCatchingUp` says that the table comes out of a hold: then older
    /// forms of it pass, as long as their columns are there.
    ///
    /// - Parameter lsn: of the transaction in which its changes are.
    func check(_ relation: RelationMessage, isCatchingUp: Bool, in lsn: LSN) throws {
        if checked[relation.id] == relation { return }
        let announced = try announced(relation)
        var memory = try state(of: relation.name)
        let found = fit(announced, memory).differences { _ in "" }
        let stands = isCatchingUp ? found.contains(where: \.isHard) : !found.isEmpty
        if stands {
            if isCatchingUp {
                memory.noteHeldColumns(of: announced)
            } else {
                memory.latest = announced
            }
            try states.keep(memory, of: relation.name)
            throw TableDoesNotFit(
                table: relation.name, differences: isCatchingUp ? found.filter(\.isHard) : [], lsn: lsn)
        }
        checked[relation.id] = relation
        guard !isCatchingUp, let shape = shapes[relation.name] else { return }
        memory.latest = announced
        memory.fitted = FittedTable(announced: announced, shape: shape)
        try states.keep(memory, of: relation.name)
    }

    /// Notes how a table that is held is announced now: what the destination has to fit.
    func noteSetAside(_ relation: RelationMessage) throws {
        var memory = try state(of: relation.name)
        let announced = try announced(relation)
        memory.latest = announced
        memory.noteHeldColumns(of: announced)
        try states.keep(memory, of: relation.name)
    }

    // MARK: Comparing

    private func fit(_ announced: AnnouncedTable, _ memory: TableSchemaState) -> SchemaFit {
        SchemaFit(
            announced: announced, shape: shapes[announced.name], direction: leg.direction,
            before: memory.fitted, start: startTypes(announced.name))
    }

    /// What is in the way of a table as it was announced last.
    private func differences(of name: QualifiedName, _ connection: borrowing PostgresConnection) throws
        -> [SchemaDifference]
    {
        let memory = try state(of: name)
        guard let latest = memory.latest else { return [] }
        var names: [Identifier: String] = [:]
        for column in latest.columns {
            if let there = shapes[name]?.column(column.name), SchemaFit.isSame(column, there) { continue }
            names[column.name] =
                try column.typeName
                ?? connection.typeText(oid: column.typeOID, modifier: column.typeModifier)
        }
        let found = fit(latest, memory).differences { names[$0.name] ?? "?" }
        guard let shape = shapes[name] else { return found }
        return memory.differences(found, shape: shape, origin: leg.direction.origin)
    }

    private func announced(_ relation: RelationMessage) throws -> AnnouncedTable {
        let own = relation.columns.filter { $0.typeOID >= SchemaFit.firstOwnTypeOID }
        if own.contains(where: { typeNames[$0.typeOID] == nil }) {
            typeNames = try OriginTypes.names(context.journal, leg: leg)
        }
        return AnnouncedTable(relation, typeNames: typeNames)
    }

    /// The types of the origin's columns when the migration began; the first leg begins with them.
    private func startTypes(_ name: QualifiedName) -> [Identifier: String]? {
        guard leg.direction == .forward else { return nil }
        return start?[name]
    }

    private func state(of name: QualifiedName) throws -> TableSchemaState {
        if start == nil { start = try OriginTypes.atStart(context.journal) }
        return try states.state(of: name)
    }
}
