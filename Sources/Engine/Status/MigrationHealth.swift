/// The health of a migration: one word for scripts, computed from a status.
package struct MigrationHealth: Sendable, Equatable {
    /// The health as one word. Scripts read the raw value.
    package enum Word: String, Sendable, Codable {
        /// Both roles run, or have nothing left to do.
        case running
        /// An error stopped a role.
        case stopped
        /// A role with work to do runs in no process.
        case notRunning = "not_running"
    }

    /// The state of one role.
    package struct RoleHealth: Sendable, Equatable {
        /// `export` or `import`.
        package let name: String
        package let state: RoleState?
        package let processID: Int32?
        /// Time at which the role published its state, in seconds since 1970; nil if it never did.
        package let publishedAt: Double?
    }

    package let word: Word
    package let phase: Phase
    package let roles: [RoleHealth]
    /// The gates that the operator waived.
    package let waivers: WaiverReport

    package init(_ status: MigrationStatus) {
        phase = status.phase
        waivers = WaiverReport(status.cutovers)
        roles = [
            RoleHealth(
                name: "export", state: status.capture?.state, processID: status.processIDs[.capture],
                publishedAt: status.capture?.publishedAt),
            RoleHealth(
                name: "import", state: status.apply?.state, processID: status.processIDs[.apply],
                publishedAt: status.apply?.publishedAt),
        ]
        switch status.phase {
        case .ended: word = .running
        case .complete:
            // Only the slot of the last leg may be left, which one role drops.
            if status.areLegsRetired {
                word = .running
            } else if roles.contains(where: { $0.state?.word == .stopped }) {
                word = .stopped
            } else {
                word = roles.contains { $0.processID != nil } ? .running : .notRunning
            }
        case .prepare, .schema, .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource:
            if roles.contains(where: { $0.state?.word == .stopped }) {
                word = .stopped
            } else {
                word = roles.allSatisfy { $0.processID != nil } ? .running : .notRunning
            }
        }
    }
}
