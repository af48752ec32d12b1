import Records

/// State of a migration, in the order in which an operator goes through it. Console and verbs read it in the
/// journal; none keeps one of its own.
package enum Phase: String, Sendable, Codable, CaseIterable {
    /// Nothing is migrated, and the databases may be unknown.
    case prepare
    /// The schema is exported to files and may be analysed, edited and imported.
    case schema
    /// The rows are being copied, as of one snapshot.
    case snapshot
    /// Changes stream from the source to the target.
    case streaming
    /// The steps of a cutover to the target are under way.
    case cutoverToTarget
    /// The application writes to the target, and its changes stream back to the source.
    case fallBack
    /// The steps of a cutover to the source are under way.
    case cutoverToSource
    /// The last cutover has completed, and nothing streams; only the end is left.
    case complete
    /// Everything of ours was removed from both databases.
    case ended

    /// The group that the phase is shown in.
    package var group: PhaseGroup {
        switch self {
        case .prepare: .prepare
        case .schema: .schema
        case .snapshot, .streaming: .liveMigration
        case .cutoverToTarget: .cutoverToTarget
        case .fallBack: .fallBack
        case .cutoverToSource: .cutoverToSource
        case .complete, .ended: .end
        }
    }

    /// The direction in which changes stream; nil if none do.
    package var direction: Direction? {
        switch self {
        case .snapshot, .streaming, .cutoverToTarget: .forward
        case .fallBack, .cutoverToSource: .reverse
        case .prepare, .schema, .complete, .ended: nil
        }
    }
}

/// The phases as the console lists them in one row.
package enum PhaseGroup: String, Sendable, CaseIterable {
    case prepare = "Prepare"
    case schema = "Schema"
    case liveMigration = "Live migration"
    case cutoverToTarget = "Cutover to target"
    case fallBack = "Fall-back"
    case cutoverToSource = "Cutover to source"
    case end = "End"
}

/// The side that the application is to write to. An application that follows the migration reads it.
package enum ApplicationRoute: String, Sendable, Codable {
    case source
    /// Neither side, because a cutover is under way.
    case neither = "held"
    case target
}
