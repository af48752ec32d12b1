import Records

/// The steps that set up and remove the fence, and what undoes them.
struct FenceStep {
    let context: RoleContext
    let side: Side
    let database: any CutoverDatabase
    let open: OpenCutover

    /// Fences the origin. Returns nil while a table is locked.
    func setUp(_ cutover: Cutover, startedAt: Double) throws -> String? {
        let options = cutover.options
        let attempt = try database.setUpFence(
            options.fence, of: try tables(), disconnecting: options.disconnectSessions
        ) { fencedAt in
            try open.change { $0.fencedAt = fencedAt }
        }
        switch attempt {
        case .done(let detail): return detail
        case .waits(let error):
            try open.noteLock(
                .fence, error, startedAt: startedAt, secondsMax: context.options.limits.quiesceSeconds)
            return nil
        }
    }

    func remove() throws { try database.removeFence() }

    /// Sets up again the fence that an aborted cutover had removed: that of the cutover by which the
    /// application left this side. A fence of a cutover that was aborted since is none of it.
    func setUpAgain() throws {
        let record = try context.record()
        let left = record.cutovers.last { $0.releasedAt != nil && $0.options.to != side }
        guard let form = left?.options.fence else { return }
        // Without a recorded fence there was none to remove.
        let isRecorded = record.changes.contains { change in
            guard change.side == side, change.kind.isFence else { return false }
            return switch form {
            case .database: change.kind != .tableFence && !change.kind.isRevocation
            case .tables: change.kind == .tableFence
            case .rights: change.kind.isRevocation
            case .nothing: false
            }
        }
        guard isRecorded else { return }
        let attempt = try database.setUpFence(form, of: try tables(), disconnecting: false) { _ in }
        if case .waits(let error) = attempt { throw error }
    }

    private func tables() throws -> [QualifiedName] { try ComparedTables.all(context).map(\.name) }
}
