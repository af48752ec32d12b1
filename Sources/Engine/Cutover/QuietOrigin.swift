import Postgres
import Records

/// Sees that nobody writes to the origin: before the barrier that its writers have ended, and after it that none has begun.
struct QuietOrigin {
    let context: RoleContext
    let leg: Leg
    let open: OpenCutover

    private var side: Side { leg.direction.origin }

    /// Waits, within bounds, for the open write transactions to end; nil while there are some.
    func quiesce(startedAt: Double) throws -> String? {
        let connection = try context.connect(side, as: "cutover")
        let writers = try connection.openWriters()
        if writers.isEmpty { return "no open write transaction" }
        let names = writers.prefix(5).map {
            "\($0.processID) \($0.user) \($0.application) (\($0.ageSeconds) s)"
        }
        .joined(separator: ", ")
        guard secondsNow() - startedAt < context.options.limits.quiesceSeconds else {
            throw RequestRefused(
                "\(side.rawValue) is not quiet: \(writers.count) sessions hold open write transactions: \(names); end them and "
                    + "initiate the cutover again")
        }
        try open.note(.quiesce, "waiting for \(writers.count): \(names)")
        return nil
    }

    /// Passes a second barrier: nothing that was written may lie between the two. Nil while it is under way.
    func prove(_ cutover: Cutover, startedAt: Double) throws -> String? {
        let connection = try context.connect(side, as: "cutover")
        let writers = try connection.openWriters()
        guard writers.isEmpty else {
            throw RequestRefused(
                "\(side.rawValue) is not quiet: \(writers.count) sessions write to it again; stop them first")
        }
        let passage = BarrierPassage(context: context, leg: leg)
        guard try passage.pass("quiet", of: cutover, startedAt: startedAt) != nil,
            let barriers = try context.record().openCutover?.barriers, let first = barriers["first"],
            let quiet = barriers["quiet"]
        else { return nil }
        guard let seenAt = quiet.seenAt, !hasPassed(Cutover.quietSecondsMax, since: seenAt, at: secondsNow())
        else {
            // It came before this process was stopped and started again, say.
            try open.change { $0.barriers["quiet"] = nil }
            return nil
        }
        guard quiet.transactions == first.transactions else {
            throw RequestRefused(
                "\(side.rawValue) is not quiet: \(quiet.transactions - first.transactions) transactions wrote to it between the "
                    + "barriers at \(first.lsn) and \(quiet.lsn); stop the application, then initiate the cutover again"
            )
        }
        return "nothing between \(first.lsn) and \(quiet.lsn)"
    }
}
