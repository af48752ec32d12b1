import Records

/// The operator's choices for a cutover.
package struct CutoverOptions: Sendable, Codable, Equatable {
    /// The database that the application is to write to after the cutover.
    package var to: Side
    /// Whether the target's changes are streamed back to the source afterwards; only for a cutover to the
    /// target.
    package var prepareForFallBack: Bool
    /// Whether every table is compared on both sides, by row count and checksum, before the release.
    package var verify: Bool
    /// Whether the cutover awaits `approveRelease` before its last steps.
    package var requiresApproval: Bool
    /// Whether sessions are disconnected that began before the origin became read-only. With a fence of the
    /// tables, only those with an open write transaction on one of them.
    package var disconnectSessions: Bool
    /// Nil in journals that are older than the choice.
    private var chosenFence: CutoverFence?
    package var fence: CutoverFence { chosenFence ?? .database }

    /// Nil in journals that are older than the gates.
    private var givenWaivers: [GateWaiver]?
    /// The gates that do not refuse this cutover.
    package var waivers: [GateWaiver] {
        get { givenWaivers ?? [] }
        set { givenWaivers = newValue.isEmpty ? nil : newValue }
    }

    /// Longest time from the fence to the release, in seconds. A cutover that exceeds it is aborted. Nil for
    /// no bound, and in older journals.
    package var budgetSeconds: Double?

    /// Nil in journals that are older than the choice.
    private var givenNextRound: Bool?
    /// Whether the source's changes are streamed to the target again afterwards; only for a cutover to the
    /// source.
    package var beginsNextRound: Bool { to == .source && givenNextRound == true }
    /// Whether another leg follows, in the other direction.
    package var continues: Bool { to == .target ? prepareForFallBack : beginsNextRound }

    /// Nil in journals that are older than the choice, which refresh none.
    private var givenRefresh: Bool?
    /// Whether the materialized views of the destination are refreshed before the release.
    package var refreshesViews: Bool { givenRefresh == true }

    /// Nil in the first round.
    private var givenLaterRound: Bool?
    /// Whether it is a cutover of a later round than the first: then the destination has the fence of the one
    /// before. The record decides it, and not the operator.
    package fileprivate(set) var isLaterRound: Bool {
        get { givenLaterRound == true }
        set { givenLaterRound = newValue ? true : nil }
    }

    /// The keys in the journal; `holdBeforeRelease` is the name of an earlier version.
    private enum CodingKeys: String, CodingKey {
        case to, prepareForFallBack, verify, disconnectSessions, chosenFence, givenWaivers, budgetSeconds,
            givenNextRound, givenRefresh
        case givenLaterRound
        case requiresApproval = "holdBeforeRelease"
    }

    package init(
        to: Side, prepareForFallBack: Bool = true, verify: Bool = true, requiresApproval: Bool = false,
        disconnectSessions: Bool = false, fence: CutoverFence = .database, waivers: [GateWaiver] = [],
        budgetSeconds: Double? = nil, beginsNextRound: Bool = false, refreshesViews: Bool = true
    ) {
        givenRefresh = refreshesViews ? true : nil
        givenNextRound = beginsNextRound ? true : nil
        self.budgetSeconds = budgetSeconds
        givenWaivers = waivers.isEmpty ? nil : waivers
        chosenFence = fence == .database ? nil : fence
        self.to = to
        self.prepareForFallBack = prepareForFallBack
        self.verify = verify
        self.requiresApproval = requiresApproval
        self.disconnectSessions = disconnectSessions
    }

    /// The direction of the leg that this cutover ends.
    package var ends: Direction { Direction(to: to) }
}

extension MigrationRecord {
    /// Returns the operator's choices with what the record decides.
    package func completed(_ options: CutoverOptions) -> CutoverOptions {
        var completed = options
        // A round has two legs.
        completed.isLaterRound = legs.count > 2
        return completed
    }
}

/// The part of the origin that the fence of a cutover closes to writes.
package enum CutoverFence: String, Sendable, Codable, CaseIterable {
    /// The whole database, for sessions that begin after the fence.
    case database
    /// The migrated tables, for all sessions.
    case tables
    /// The rights to write to the migrated tables, for everybody but their owners and superusers.
    case rights = "revoke"
    /// Nothing: the operator keeps the application from writing. The quiet proof shows whether it does.
    case nothing = "none"
}
