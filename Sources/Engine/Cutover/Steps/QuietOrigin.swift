import Records

/// The two steps that see that nobody writes to the migrated tables of the origin: before the first barrier
/// their writers have ended, and after it none has begun.
struct QuietOrigin {
    let context: RoleContext
    let side: Side
    let origin: any ReleasedOrigin
    let open: OpenCutover

    /// Waits for the open write transactions to end. Returns nil while there are some; throws after
    /// `quiesceSeconds`.
    func quiesce(startedAt: Double) throws -> String? {
        let writers = try writers()
        if writers.isEmpty { return "no open write transaction on a migrated table" }
        let names = OpenWriter.names(writers)
        guard secondsNow() - startedAt < context.options.limits.quiesceSeconds else {
            let have = writers.count == 1 ? "has an open write transaction" : "have open write transactions"
            throw RequestRefused(
                "\(side.rawValue) is not quiet: \(counted(writers.count, "session")) \(have): \(names); end "
                    + "them and initiate the cutover again")
        }
        try open.note(.quiesce, "waiting for \(writers.count): \(names)")
        return nil
    }

    /// Passes a second barrier, and throws if a transaction wrote between the two. Returns nil while the
    /// barrier is under way.
    func prove(_ cutover: Cutover, startedAt: Double) throws -> String? {
        let writers = try writers()
        guard writers.isEmpty else {
            throw RequestRefused(
                "\(side.rawValue) is not quiet: \(counted(writers.count, "session")) "
                    + "\(writers.count == 1 ? "writes" : "write") to it again: \(OpenWriter.names(writers)); "
                    + "stop them, then initiate the cutover again")
        }
        let transfer = SequenceTransfer(context: context, side: side, open: open)
        guard try !transfer.readAgainAfterRestart(cutover, origin) else { return nil }
        let wait = BarrierWait(context: context, origin: origin)
        guard try wait.pass(.quiet, of: cutover, startedAt: startedAt) != nil,
            let barriers = try context.record().openCutover?.barriers, let first = barriers[.first],
            let quiet = barriers[.quiet]
        else { return nil }
        guard let seenAt = quiet.seenAt, !hasPassed(Cutover.quietSecondsMax, since: seenAt, at: secondsNow())
        else {
            // It is too old, for example because this process was restarted after it came.
            try open.change { $0.barriers[.quiet] = nil }
            return nil
        }
        guard quiet.transactions == first.transactions else {
            throw RequestRefused(
                try "\(side.rawValue) is not quiet: "
                    + "\(counted(quiet.transactions - first.transactions, "transaction")) wrote to it "
                    + "between the barriers at \(first.lsn) and \(quiet.lsn)\(seen()); stop the application, "
                    + "then initiate the cutover again"
            )
        }
        return "nothing between \(first.lsn) and \(quiet.lsn)"
    }

    /// Who was seen to write lately, in words.
    private func seen() throws -> String {
        let leg = try context.record().currentLeg?.number ?? 0
        let found = PublishedWriters.read(context.exportDirectory, leg: leg, now: secondsNow())
        return found?.names.map { ", lately \($0)" } ?? ""
    }

    private func writers() throws -> [OpenWriter] {
        try origin.openWriters(of: try ComparedTables.all(context).map(\.name))
    }
}
