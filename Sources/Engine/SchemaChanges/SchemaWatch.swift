import Foundation
import Journal
import Postgres
import Records

/// A table's changes cannot be applied as they come.
struct TableDoesNotFit: Error {
    let table: QualifiedName
    var cause = TableHold.Cause.shape
    /// What the server said, where it was the one to notice.
    var reason: String?
}

/// Sees to it that no change is applied to a table that is not as it should be: compares what is announced with what the
/// destination has, holds the tables that do not fit, and lets them go on when they do. It belongs to the apply role.
final class SchemaWatch {
    private let context: RoleContext
    private let leg: Leg
    private var shapes: [QualifiedName: TableShape] = [:]
    private var memories: [QualifiedName: Memory] = [:]
    private var checked: [UInt32: RelationMessage] = [:]
    private var suspects: [TableDoesNotFit] = []
    private var typeNames: [UInt32: String] = [:]
    private var start: [QualifiedName: [String: String]]?
    private var lookedAt = secondsNow()
    private var lookSeconds = SchemaWatch.lookSecondsMin
    private var watcher: Watcher?

    /// The destination's columns are read again after as long, and so seldom that it takes no more than a fiftieth of
    /// the time.
    static let lookSecondsMin = 2.0
    private static let lookShare = 50.0

    /// What is kept of a table across restarts.
    private struct Memory: Codable, Equatable {
        /// As changes were applied last.
        var fitted: FittedTable?
        /// As it was announced last, applied or not.
        var latest: AnnouncedTable?
        /// All columns announced since the hold began.
        var heldColumns: [String] = []
    }

    /// A connection of its own: the others are in their pipelines.
    private final class Watcher {
        let connection: PostgresConnection
        init(_ connection: consuming PostgresConnection) { self.connection = connection }
    }

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
    }

    // MARK: Between connections

    /// Notes what was met in the stream; it is decided upon when the destination was looked at again.
    func suspect(_ table: TableDoesNotFit) { suspects.append(table) }

    /// Looks at the destination and decides which tables are held and which go on. Before the plan of the lanes is made.
    func begin(_ connection: borrowing PostgresConnection) throws {
        let record = try context.record()
        shapes = try connection.shapes(inSchemas: record.schemas)
        lookedAt = secondsNow()
        checked = [:]
        for suspect in suspects {
            let found = try differences(of: suspect.table, connection)
            if !found.isEmpty {
                try hold(suspect.table, .shape, found)
            } else if let reason = suspect.reason {
                try holdForReason(suspect, reason)
            }
        }
        suspects = []
        for (name, memory) in memories where memory.fitted != nil && memory.fitted?.shape != shapes[name] {
            guard record.hold(of: name.description) == nil else { continue }
            let found = try differences(of: name, connection)
            if !found.isEmpty { try hold(name, .shape, found) }
        }
        for hold in record.holds where hold.leg == leg.number && !hold.isReleased {
            try decide(hold, connection)
        }
    }

    /// Holds that are over: the plan knows them no more.
    func finish(_ plan: LanePlan) throws {
        for hold in try context.record().holds where hold.leg == leg.number && hold.isReleased {
            guard !plan.held.contains(where: { $0.table == hold.table }) else { continue }
            try context.update { $0.tableHolds?.removeAll { $0.table == hold.table } }
            context.log(.info, "apply", "\(hold.table) is held no more; all of its changes are applied")
        }
    }

    /// Whether the destination's tables are other than when they were last looked at; looks where it is time to.
    func seesChange() throws -> Bool {
        let now = secondsNow()
        guard now - lookedAt > lookSeconds else { return false }
        lookedAt = now
        if watcher == nil {
            watcher = Watcher(try context.connect(leg.direction.destination, as: "apply watch"))
        }
        guard let watcher else { return false }
        do {
            let found = try watcher.connection.shapes(inSchemas: try context.record().schemas)
            lookSeconds = max(Self.lookSecondsMin, (secondsNow() - now) * Self.lookShare)
            return found != shapes
        } catch {
            self.watcher = nil
            throw error
        }
    }

    private func decide(_ hold: TableHold, _ connection: borrowing PostgresConnection) throws {
        let name = QualifiedName(hold.table)
        let found = try differences(of: name, connection)
        let isOver =
            switch hold.cause {
            case .shape: hold.isRetryAsked ? !found.contains(where: \.isHard) : found.isEmpty
            case .partition:
                (hold.isRetryAsked || shapes[name]?.parts != hold.parts) && !found.contains(where: \.isHard)
            case .unseen: hold.isRetryAsked && !found.contains(where: \.isHard)
            }
        guard isOver else {
            // What is in the way now may be another thing than at first.
            if hold.cause == .shape, !found.isEmpty { try self.hold(name, .shape, found) }
            guard hold.isRetryAsked else { return }
            try context.update { record in record.changeHold(of: hold.table) { $0.isRetryAsked = false } }
            let words = found.map(\.words).joined(separator: "; ")
            context.log(.warning, "apply", "\(hold.table) stays held: \(words.isEmpty ? hold.reason : words)")
            return
        }
        var memory = try memory(of: name)
        if let latest = memory.latest, let shape = shapes[name] {
            memory.fitted = FittedTable(announced: latest, shape: shape)
        }
        memory.heldColumns = []
        try keep(memory, of: name)
        try context.update { record in
            record.changeHold(of: hold.table) {
                $0.isRetryAsked = false
                $0.isReleased = true
            }
        }
        let accepted = found.map(\.words).joined(separator: "; ")
        context.log(
            accepted.isEmpty ? .info : .warning, "apply",
            "\(hold.table) goes on from where its hold began"
                + (accepted.isEmpty ? "" : ", as the operator said; what differs stays: \(accepted)"))
    }

    private func hold(_ name: QualifiedName, _ cause: TableHold.Cause, _ found: [SchemaDifference]) throws {
        try context.hold(
            TableHold(
                table: name.description, leg: leg.number, cause: cause,
                reason: found.map(\.words).joined(separator: "; "),
                remedy: found.map(\.remedy).joined(separator: "; "), since: secondsNow(),
                parts: shapes[name]?.parts ?? 0), origin: "apply")
    }

    private func holdForReason(_ suspect: TableDoesNotFit, _ reason: String) throws {
        var remedy = "compare the table on both sides, mend it, then `switchback retry table`"
        if suspect.cause == .partition {
            let known = try context.journal.document([String: [String]].self, key: NewParts.key(leg)) ?? [:]
            remedy =
                known[suspect.table.description]?.joined(separator: "; ")
                ?? "make the partition on the \(leg.direction.destination.rawValue)"
        }
        try context.hold(
            TableHold(
                table: suspect.table.description, leg: leg.number,
                cause: suspect.cause == .shape ? .unseen : suspect.cause, reason: reason, remedy: remedy,
                since: secondsNow(), parts: shapes[suspect.table]?.parts ?? 0), origin: "apply")
    }

    // MARK: In the stream

    /// Checks a relation whose changes are to be applied. `isCatchingUp` says that the table comes out of a hold: then older
    /// forms of it pass, as long as their columns are there.
    func check(_ relation: RelationMessage, isCatchingUp: Bool) throws {
        if checked[relation.id] == relation { return }
        let announced = try announced(relation)
        var memory = try memory(of: relation.name)
        let found = fit(announced, memory).differences { _ in "" }
        let stands = isCatchingUp ? found.contains(where: \.isHard) : !found.isEmpty
        if stands {
            if isCatchingUp {
                memory.heldColumns = Array(Set(memory.heldColumns + announced.columns.map(\.name))).sorted()
            } else {
                memory.latest = announced
            }
            try keep(memory, of: relation.name)
            throw TableDoesNotFit(table: relation.name)
        }
        checked[relation.id] = relation
        guard !isCatchingUp, let shape = shapes[relation.name] else { return }
        memory.latest = announced
        memory.fitted = FittedTable(announced: announced, shape: shape)
        try keep(memory, of: relation.name)
    }

    /// Notes how a table that is held is announced now: what the destination has to fit.
    func noteHeld(_ relation: RelationMessage) throws {
        var memory = try memory(of: relation.name)
        let announced = try announced(relation)
        memory.latest = announced
        memory.heldColumns = Array(Set(memory.heldColumns + announced.columns.map(\.name))).sorted()
        try keep(memory, of: relation.name)
    }

    // MARK: Comparing

    private func fit(_ announced: AnnouncedTable, _ memory: Memory) -> SchemaFit {
        SchemaFit(
            announced: announced, shape: shapes[announced.name], direction: leg.direction,
            before: memory.fitted, start: startTypes(announced.name))
    }

    /// What is in the way of a table as it was announced last.
    private func differences(of name: QualifiedName, _ connection: borrowing PostgresConnection) throws
        -> [SchemaDifference]
    {
        let memory = try memory(of: name)
        guard let latest = memory.latest else { return [] }
        var names: [String: String] = [:]
        for column in latest.columns {
            if let there = shapes[name]?.column(column.name), SchemaFit.isSame(column, there) { continue }
            names[column.name] =
                try column.typeName
                ?? connection.typeText(oid: column.typeOID, modifier: column.typeModifier)
        }
        var found = fit(latest, memory).differences { names[$0.name] ?? "?" }
        // A column that came and went while the table was held: its values are in the log all the same.
        guard let shape = shapes[name] else { return found }
        for column in memory.heldColumns where latest.column(column) == nil && shape.column(column) == nil {
            found.append(
                SchemaDifference(
                    words: "the \(leg.direction.origin.rawValue) had column \(column) for a while",
                    remedy: "add column \(quoteIdentifier(column)) until the table has caught up",
                    isHard: true))
        }
        return found.filter { difference in
            difference.isHard
                || !memory.heldColumns.contains { column in
                    latest.column(column) == nil
                        && difference.words.hasSuffix("no longer has column \(column)")
                        && memory.fitted?.announced.column(column) == nil
                }
        }
    }

    private func announced(_ relation: RelationMessage) throws -> AnnouncedTable {
        let own = relation.columns.filter { $0.typeOID >= SchemaFit.firstOwnTypeOID }
        if own.contains(where: { typeNames[$0.typeOID] == nil }) {
            typeNames = try context.journal.document([UInt32: String].self, key: OriginTypes.key(leg)) ?? [:]
        }
        return AnnouncedTable(relation, typeNames: typeNames)
    }

    /// The types of the origin's columns when the migration began; the first leg begins with them.
    private func startTypes(_ name: QualifiedName) -> [String: String]? {
        guard leg.direction == .forward else { return nil }
        return start?[name]
    }

    // MARK: Memory

    private func key(_ name: QualifiedName) -> String { "table_\(leg.number)_\(name)" }

    private func memory(of name: QualifiedName) throws -> Memory {
        if start == nil {
            start = Dictionary(
                try context.journal.tables().map { stored in
                    (
                        stored.table.name,
                        Dictionary(
                            stored.table.sentColumns.map { ($0.name, $0.typeName) },
                            uniquingKeysWith: { first, _ in first })
                    )
                }, uniquingKeysWith: { first, _ in first })
        }
        if let known = memories[name] { return known }
        let memory = try context.journal.document(Memory.self, key: key(name)) ?? Memory()
        memories[name] = memory
        return memory
    }

    private func keep(_ memory: Memory, of name: QualifiedName) throws {
        guard memories[name] != memory else { return }
        try context.journal.update(Memory.self, key: key(name), initial: memory) { $0 = memory }
        memories[name] = memory
    }
}

/// The names of the origin's own types by their numbers, as the stream tells them.
enum OriginTypes {
    static func key(_ leg: Leg) -> String { "types_\(leg.number)" }
}

/// What would make the partitions that came to be on the origin, by their root.
enum NewParts {
    static func key(_ leg: Leg) -> String { "new_parts_\(leg.number)" }
}

extension QualifiedName {
    /// Reads `schema.name` as `description` prints it; a dot in a schema's name is not foreseen.
    init(_ description: String) {
        let parts = description.split(separator: ".", maxSplits: 1).map(String.init)
        self.init(schema: parts.first ?? "", name: parts.count > 1 ? parts[1] : "")
    }
}
