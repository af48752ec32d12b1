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

    /// Sets up again the fence that an aborted cutover had removed.
    func setUpAgain() throws {
        // Without a recorded fence there was none to remove.
        guard let last = try context.record().changes.last(where: { $0.side == side && $0.kind.isFence })
        else { return }
        let form: CutoverFence =
            last.kind.isRevocation ? .rights : last.kind == .tableFence ? .tables : .database
        let attempt = try database.setUpFence(form, of: try tables(), disconnecting: false) { _ in }
        if case .waits(let error) = attempt { throw error }
    }

    private func tables() throws -> [QualifiedName] { try ComparedTables.all(context).map(\.name) }
}
