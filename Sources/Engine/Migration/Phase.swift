import Records

/// Where a migration stands, in the order an operator goes through. Stored in the journal; every
/// face shows this value and none keeps one of its own.
package enum Phase: String, Sendable, Codable, CaseIterable {
    /// Nothing has been moved; the databases may not even be known.
    case prepare
    /// The schema is exported to files and may be analysed, edited and imported.
    case schema
    /// The rows are being copied as of one snapshot.
    case snapshot
    /// Changes run from the source to the target.
    case streaming
    /// The steps of a cutover to the target are under way.
    case cutoverToTarget
    /// The application is on the target; its changes run back to the source.
    case fallBack
    /// The steps of a cutover to the source are under way.
    case cutoverToSource
    /// The last cutover has ended and nothing streams any more; only the end is left.
    case complete
    /// Everything of ours was removed from both databases.
    case ended

    /// The rail's group this phase belongs to.
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

    /// The direction the changes run in, where they do.
    package var direction: Direction? {
        switch self {
        case .snapshot, .streaming, .cutoverToTarget: .forward
        case .fallBack, .cutoverToSource: .reverse
        case .prepare, .schema, .complete, .ended: nil
        }
    }
}

/// The stations of the phase rail.
package enum PhaseGroup: String, Sendable, CaseIterable {
    case prepare = "Prepare"
    case schema = "Schema"
    case liveMigration = "Live migration"
    case cutoverToTarget = "Cutover to target"
    case fallBack = "Fall-back"
    case cutoverToSource = "Cutover to source"
    case end = "End"
}

/// Where the application is to write; what an application that follows the migration obeys.
package enum ApplicationRoute: String, Sendable, Codable {
    case source
    /// Neither side: a cutover is under way.
    case neither = "held"
    case target
}
