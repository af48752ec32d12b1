import Journal
import Records

/// The plan of the start: what is made on both sides, and the copy. A value without I/O.
struct StartPlan {
    let record: MigrationRecord
    let jobs: Int
    /// The statements that the worker has read; nil if it has read none.
    let found: StartStatements?

    private static let made = "Made before the copy"
    private static let copy = "Copy and stream"

    var lines: [PlanLine] {
        let lists = TableLists(tables: record.tableGlobs, excluded: record.excludedTableGlobs)
        guard let found, found.lists == lists, found.schemas == record.schemas else {
            let reason =
                found == nil
                ? "check both databases first"
                : "the tables were chosen after they were read; a worker reads them again in a moment"
            return Side.allCases.map { PlanLine.unread($0, Self.made, reason: reason) } + last
        }
        return found.source.map { PlanLine(.source, $0, step: Self.made) }
            + found.target.map { PlanLine(.target, $0, step: Self.made) } + last
    }

    private var last: [PlanLine] {
        [
            .sentence(
                .target, "copy all rows by \(counted(jobs, "job")) at once", undo: "truncate the tables",
                step: Self.copy),
            .sentence(
                .target, "apply the changes from the snapshot's position on, exactly once",
                undo: "end migration", step: Self.copy),
        ]
    }
}

/// The upkeep of the statements of the start by a worker that waits: they are read again when the operator
/// has chosen other tables.
struct StartPlanUpkeep {
    private let cache = DocumentCache<StartStatements>(key: StartStatements.key)
    private let journal: Journal
    /// The choice for which they were last read here, successfully or not.
    private var tried: TableLists?

    init(_ context: RoleContext) { journal = context.journal }

    mutating func readIfStale(_ context: RoleContext) async throws {
        let record = try context.record()
        let lists = TableLists(tables: record.tableGlobs, excluded: record.excludedTableGlobs)
        guard record.legs.isEmpty, lists != tried, let known = try cache.document(in: journal),
            known.lists != lists
        else { return }
        tried = lists
        try await OnSessionThread().run { PlanReader(context: context).keepStart() }
    }
}

/// The comparison of the start's plan with what the operator saw, before anything is made.
struct StartPlanCheck {
    let context: RoleContext

    /// Throws `PlanHasChanged` if other statements would run than those that were shown. The operator who
    /// then resumes has seen the present ones, so a plan is compared once.
    func judge() throws {
        guard let seen = try context.seenPlan(.start), context.has(.source), context.has(.target) else {
            return
        }
        let found = try PlanReader(context: context).startStatements()
        let plan = StartPlan(
            record: try context.record(), jobs: try context.record().jobs, found: found)
        // What is shown from now on is what is compared here.
        try context.journal.update(StartStatements.self, key: StartStatements.key, initial: found) {
            $0 = found
        }
        try context.journal.update(SeenPlan?.self, key: SeenPlan.Owner.start.key, initial: nil) { $0 = nil }
        try seen.compare(with: plan.lines)
    }
}
