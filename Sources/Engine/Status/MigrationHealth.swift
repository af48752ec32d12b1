/// Whether a migration runs, in one word for scripts. A value made of a status.
package struct MigrationHealth: Sendable, Equatable {
    package enum Word: String, Sendable, Codable {
        /// Both roles run, or nothing is left for them to do.
        case running
        /// A role was stopped by an error.
        case stopped
        /// A role that has work to do runs in no process.
        case notRunning = "not_running"
    }

    package struct RoleHealth: Sendable, Equatable {
        /// `export` or `import`.
        package let name: String
        package let state: RoleState?
        package let processID: Int32?
        /// When the role published its state, seconds since 1970; nil where it never did.
        package let publishedAt: Double?
    }

    package let word: Word
    package let phase: Phase
    package let roles: [RoleHealth]

    package init(_ status: MigrationStatus) {
        phase = status.phase
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
            // What is left is the slot of the last leg, which one role drops.
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
