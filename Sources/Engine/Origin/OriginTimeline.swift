import Postgres
import Records

/// Whether the log that an origin writes now goes on from what was received of it. A standby that was promoted, or a server
/// that was restored, may lack transactions that were streamed before, and uses their positions again for others: those
/// would be taken for known. A value without I/O.
struct OriginTimeline {
    /// Of the origin when it was last streamed from; nil before the first time.
    let known: UInt32?
    /// The last commit that was received, zero before the first.
    let received: LSN

    enum Verdict: Equatable {
        case continues
        /// What was received lies before the promotion; what is beyond it was never written here.
        case promoted(at: LSN)
        case lost(String)
    }

    /// - Parameter switches: asked for only where the timeline is another one.
    func check(_ now: ServerTimeline, switches: () throws -> [ServerTimeline.Switch]) rethrows -> Verdict {
        guard let known, known != now.number else {
            guard now.writtenThrough >= received else {
                return .lost("its log ends at \(now.writtenThrough): it was set back")
            }
            return .continues
        }
        guard let left = try switches().last(where: { $0.from == known }) else {
            return .lost("it is on timeline \(now.number), which does not come from timeline \(known)")
        }
        guard received < left.at else {
            return .lost(
                "timeline \(now.number) left timeline \(known) at \(left.at): a standby was promoted that had not all of it"
            )
        }
        return .promoted(at: left.at)
    }
}
