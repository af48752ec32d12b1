import Records

/// The steps of a cutover, in their order. Each is owned by one role, because a role is connected to one
/// database.
package enum CutoverStep: String, Codable, Sendable, CaseIterable {
    /// Comes before any change: a fault that would show after the release stops the cutover here.
    case readFacts
    case gates
    /// Comes before the barrier: a row that an event trigger writes for our DDL is then drained like any
    /// other, and is not streamed back.
    case prepareOrigin
    case fence
    case quiesce
    /// Triggers and foreign keys of the origin. Comes after the fence, because the application needs them,
    /// and before the barrier: a row that an event trigger writes for our DDL is then drained.
    case suspendOrigin
    case barrier
    case drain
    case readSequences
    case setSequences
    case checksumOrigin
    case checksumDestination
    /// Materialized views of the destination. Comes before the slot, so that it streams nothing of it.
    case refreshViews
    /// Publication and slot on the destination.
    case fallBackSlot = "wayBack"
    /// Comes before the quiet proof, because it may take long: the proof must cover what is written to the
    /// origin meanwhile.
    case approval = "hold"
    case quietProof
    /// Triggers and foreign keys of the destination. Comes after the quiet proof: changes that are applied
    /// after it would meet them.
    case restoreDestination
    case openDestination
    case release

    /// The role that performs the step.
    package var owner: Role {
        switch self {
        case .readFacts, .fence, .quiesce, .barrier, .readSequences, .checksumOrigin, .prepareOrigin,
            .quietProof, .approval, .suspendOrigin:
            .capture
        case .gates, .drain, .setSequences, .checksumDestination, .refreshViews, .fallBackSlot,
            .restoreDestination,
            .openDestination, .release:
            .apply
        }
    }

    /// The step as the operator reads it; `direction` is that of the leg that ends.
    package func title(_ direction: Direction) -> String {
        let (origin, destination) = (direction.origin.rawValue, direction.destination.rawValue)
        return switch self {
        case .readFacts: "Facts of \(origin) read for the gates"
        case .gates: "Gates: \(destination) can take the application over"
        case .fence: "Fence: \(origin) read-only for new sessions"
        case .quiesce: "Quiesce: no open write transaction on \(origin)"
        case .barrier: "Barrier written to \(origin)"
        case .drain: "Drain: everything up to the barrier applied on \(destination)"
        case .readSequences: "Sequences read from \(origin)"
        case .setSequences: "Sequences and identity columns set on \(destination)"
        case .checksumOrigin: "Checksums of all tables on \(origin)"
        case .checksumDestination: "Checksums on \(destination), compared"
        case .refreshViews: "Materialized views refreshed on \(destination)"
        case .fallBackSlot: "Fall-back: publication and slot on \(destination)"
        case .prepareOrigin: "Fall-back: metadata tables on \(origin)"
        case .quietProof: "Quiet proof: nobody wrote to \(origin) since the barrier"
        case .suspendOrigin: "Fall-back: triggers and foreign keys of \(origin) turned off"
        case .restoreDestination: "Triggers and foreign keys of \(destination) as they were"
        case .openDestination: "Fence of \(destination) removed"
        case .approval: "Await approval"
        case .release: "Application released to \(destination)"
        }
    }

    /// The steps of a cutover with these options.
    package static func steps(_ options: CutoverOptions) -> [CutoverStep] {
        allCases.filter { step in
            switch step {
            case .checksumOrigin, .checksumDestination: options.verify
            case .refreshViews: options.refreshesViews
            case .fallBackSlot, .prepareOrigin, .suspendOrigin:
                options.continues
            case .openDestination: options.to == .source || options.isLaterRound
            case .approval: options.requiresApproval
            case .readFacts, .gates, .fence, .quiesce, .barrier, .drain, .readSequences, .setSequences,
                .quietProof, .restoreDestination, .release:
                true
            }
        }
    }
}
