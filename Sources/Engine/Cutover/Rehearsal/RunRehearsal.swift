import Foundation
import Records

/// Rehearses a cutover on the live pair, in this process: reads what its steps read, and passes a mark in
/// place of the fence and the barriers. The application notices nothing, and nothing is changed but the mark.
///
/// - Returns: the steps with their predicted times, which the journal keeps.
/// - Throws: `RequestRefused` if no such cutover could begin now.
package func rehearseCutover(
    migration: Migration, options: RunOptions, _ cutover: CutoverOptions, stop: StopSignal
) async throws -> Rehearsal {
    let context = RoleContext(
        journal: migration.journal, exportDirectory: migration.exportDirectory, options: options, stop: stop,
        announce: { _ in })
    let record = try context.record()
    guard record.phase == .streaming || record.phase == .fallBack, let leg = record.currentLeg,
        leg.direction == cutover.ends
    else {
        let side = cutover.to.rawValue
        throw RequestRefused(
            "a cutover to the \(side) cannot be rehearsed in the phase \(record.phase.rawValue)")
    }
    let asked = record.completed(cutover)
    return try await OnSessionThread().run {
        for side in Side.allCases { try context.checkIdentity(side) }
        let run = try RehearsalRun(context: context, leg: leg, options: asked)
        let rehearsal = Rehearsal(
            to: cutover.to, rehearsedAt: secondsNow(),
            steps: try CutoverStep.steps(asked).map { step in
                try stop.check()
                return try run.rehearse(step)
            })
        try context.journal.update(Rehearsal.self, key: Rehearsal.key, initial: rehearsal) { $0 = rehearsal }
        return rehearsal
    }
}

/// The stand-ins for the steps of a cutover.
private final class RehearsalRun {
    private let context: RoleContext
    private let leg: Leg
    private let options: CutoverOptions
    private let sides: BothSides
    private let tables: [QualifiedName]
    /// What the stand-in of `checksumOrigin` has found, for that of `checksumDestination`.
    private var written: [WrittenRows] = []
    private var compared: [Table] = []

    private static let appliedSecondsMax = 120.0

    init(context: RoleContext, leg: Leg, options: CutoverOptions) throws {
        self.context = context
        self.leg = leg
        self.options = options
        sides = try BothSides(context, leg, secondsMax: Self.appliedSecondsMax)
        tables = try ComparedTables.all(context).map(\.name)
    }

    func rehearse(_ step: CutoverStep) throws -> Rehearsal.Step {
        let began = monotonicSeconds()
        let detail = try standIn(step)
        return Rehearsal.Step(step: step, seconds: monotonicSeconds() - began, detail: detail)
    }

    private func database(_ step: CutoverStep) throws -> any CutoverDatabase {
        step.owner == .capture ? try context.origin(of: leg) : try context.destination(of: leg)
    }

    private func side(_ step: CutoverStep) throws -> any DatabaseSide {
        try context.side(step.owner == .capture ? leg.direction.origin : leg.direction.destination)
    }

    /// Does in place of a step what takes as long as it.
    private func standIn(_ step: CutoverStep) throws -> String {
        switch step {
        case .readFacts, .gates:
            _ = try database(step).gates(as: "rehearsal").catalog(ofTables: tables) { $0 }
            return "the catalog was read"
        case .quiesce:
            let writers = try context.origin(of: leg).openWriters(of: tables)
            return writers.isEmpty
                ? "nobody writes" : "it would wait for \(counted(writers.count, "open write transaction"))"
        case .barrier, .quietProof:
            // Both wait until a mark has come through the stream; a mark that is applied has.
            if step == .quietProof { _ = try context.origin(of: leg).openWriters(of: tables) }
            try sides.awaitApplied()
            return "a mark was applied"
        case .drain:
            return "applied through \(try sides.applied())"
        case .readSequences:
            _ = try side(step).tables()
            return "\(counted(try sequences(step), "sequence")) read"
        case .setSequences: return "\(counted(try sequences(step), "sequence")) read, and not set"
        case .checksumOrigin: return try compareOrigin(side(step))
        case .checksumDestination: return try compareDestination(side(step))
        case .prepareOrigin, .fence, .suspendOrigin, .fallBackSlot, .restoreDestination, .openDestination:
            try side(step).answers()
            return "a connection was made, and nothing was changed"
        case .refreshViews: return "no view was refreshed, and its time is not predicted"
        case .approval: return "the time of the operator is not predicted"
        case .release: return "nothing was released"
        }
    }

    private func sequences(_ step: CutoverStep) throws -> Int {
        try database(step).sequences(ofTables: tables) { $0 }.values.count
    }

    private func compareOrigin(_ database: any DatabaseSide) throws -> String {
        let names = Set(tables)
        let found = try database.tables().filter { names.contains($0.name) }
        let keys = try UnprovedRows(context: context, leg: leg).keys(of: found, through: sides.applied()) {
            try context.stop.check()
        }
        let changed = Set(try Side.allCases.flatMap { try RowProof.changed(on: $0, leg: leg, context) })
        let reader = reader(database)
        written = try found.filter { !changed.contains($0.name) }.compactMap { table in
            guard let keys = keys[table.name],
                try WrittenRows.areQuicker(than: table, count: keys.count, reader)
            else { return nil }
            return try WrittenRows.read(table, Array(keys), reader)
        }
        compared = found
        return try compareWhole(database)
    }

    private func compareDestination(_ database: any DatabaseSide) throws -> String {
        let reader = reader(database)
        for table in compared {
            guard let rows = written.first(where: { $0.table == table.name }) else { continue }
            _ = try WrittenRows.read(table, rows.rows.map(\.key), reader)
        }
        return try compareWhole(database)
    }

    private func reader(_ database: any DatabaseSide) -> any RowReader {
        database.rowReader(as: "rehearsal", meanwhile: context.stop.check)
    }

    /// Reads the tables that a cutover would compare as a whole.
    private func compareWhole(_ database: any DatabaseSide) throws -> String {
        let proved = Set(written.map(\.table))
        let whole = compared.filter { !proved.contains($0.name) }
        _ = try database.checksums(of: whole, begin: { _ in }, meanwhile: context.stop.check)
        let rows = written.map(\.rows.count).reduce(0, +)
        return "\(counted(whole.count, "table")) read as a whole, and \(counted(rows, "row")) of others"
    }
}
