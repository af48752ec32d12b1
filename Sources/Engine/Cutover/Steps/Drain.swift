import Records

/// The step that waits until everything up to the first barrier is applied on the destination.
struct Drain {
    let context: RoleContext
    let side: Side
    let leg: Leg
    let open: OpenCutover

    /// Returns what was reached; nil while changes are missing. Throws after `drainSeconds`.
    func pass(_ cutover: Cutover, _ destination: any Destination, startedAt: Double) throws -> String? {
        guard let barrier = cutover.barriers[.first] else { return nil }
        let excluded = try context.record().excluded
        let store = ChannelPlanStore(context: context, leg: leg)
        // The plan may change meanwhile: what was made durable is what this one reading says.
        var watermark = Watermark(appliedLSN: .zero, counts: .zero)
        _ = try destination.channels(as: "cutover") { channels in
            watermark = try store.watermark(of: channels, without: excluded)
            return watermark.appliedLSN >= barrier.lsn
        }
        // A crash of the server from here on loses none of it.
        if watermark.appliedLSN >= barrier.lsn { return "applied through \(watermark.appliedLSN)" }
        guard secondsNow() - startedAt < context.options.limits.drainSeconds else {
            throw RequestRefused(
                "\(side.rawValue) is at \(watermark.appliedLSN) and did not reach the barrier at "
                    + "\(barrier.lsn) within \(Int(context.options.limits.drainSeconds)) s; let it catch up, "
                    + "then initiate the cutover again"
            )
        }
        try open.note(.drain, "at \(watermark.appliedLSN) of \(barrier.lsn)")
        return nil
    }
}
