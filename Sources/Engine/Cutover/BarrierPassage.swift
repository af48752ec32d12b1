import Foundation
import Postgres
import Records

/// A barrier on its way: written to the origin, and noted in the record by the capture when it has come back through the
/// stream.
struct BarrierPassage {
    let context: RoleContext
    let leg: Leg

    private var side: Side { leg.direction.origin }

    /// Writes a barrier, once a second until it came back; the words for it, nil while it has not.
    func pass(_ name: String, of cutover: Cutover, startedAt: Double) throws -> String? {
        if let barrier = cutover.barriers[name] { return "barrier at \(barrier.lsn)" }
        guard secondsNow() - startedAt < context.options.limits.barrierSeconds else {
            throw RequestRefused(
                "the barrier did not come through the stream within \(Int(context.options.limits.barrierSeconds)) s; look at the capture in the "
                    + "event log, then initiate the cutover again")
        }
        let connection = try context.connect(side, as: "cutover")
        try connection.writeBarrier(
            Barrier.content(token: cutover.token, name: name),
            asRowOf: try context.record().barrierRows(ofLeg: leg.number))
        for _ in 0..<20 {
            usleep(50_000)
            if let barrier = try context.record().openCutover?.barriers[name] {
                return "barrier at \(barrier.lsn)"
            }
        }
        return nil
    }
}
