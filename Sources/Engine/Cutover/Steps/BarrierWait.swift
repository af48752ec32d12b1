import Foundation
import Records

/// The wait for a barrier: it is written to the origin, and capture notes it in the record when it comes
/// through the stream.
struct BarrierWait {
    let context: RoleContext
    let origin: any ReleasedOrigin

    private static let pollsMax = 20
    private static let pollMicroseconds: UInt32 = 50_000

    /// Writes the barrier, once a second until it comes through. Returns its place in words; nil while it has
    /// not come.
    func pass(_ kind: BarrierKind, of cutover: Cutover, startedAt: Double) throws -> String? {
        if let barrier = cutover.barriers[kind] { return "barrier at \(barrier.lsn)" }
        let secondsMax = context.options.limits.barrierSeconds
        guard secondsNow() - startedAt < secondsMax else {
            throw RequestRefused(
                "the barrier did not come through the stream within \(Int(secondsMax)) s; see what the event "
                    + "log says of capture, then initiate the cutover again")
        }
        try origin.writeBarrier(Barrier.content(token: cutover.token, kind: kind))
        for _ in 0..<Self.pollsMax {
            usleep(Self.pollMicroseconds)
            if let barrier = try context.record().openCutover?.barriers[kind] {
                return "barrier at \(barrier.lsn)"
            }
        }
        return nil
    }
}
