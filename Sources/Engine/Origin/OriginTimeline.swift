import Records

/// Decides whether an origin's current WAL continues what was received from it. A value without I/O.
///
/// A promoted standby or a restored server may lack transactions that were streamed before. It assigns their
/// LSNs to other transactions, which the capture would take for duplicates.
struct OriginTimeline {
    /// The origin's timeline when it was last streamed; nil before the first time.
    let known: UInt32?
    /// The last received commit LSN, zero before the first.
    let received: LogPosition

    /// The decision whether the origin's WAL continues what was received.
    enum Verdict: Equatable {
        case continues
        /// Everything received is before the promotion. WAL beyond it was never written on this server.
        case promoted(at: LogPosition)
        case lost(String)
    }

    /// - Parameter switches: called only if the timeline has changed
    func check(_ now: ServerTimeline, switches: () throws -> [ServerTimeline.Switch]) rethrows -> Verdict {
        guard let known, known != now.number else {
            guard now.writtenThrough >= received else {
                return .lost("its log ends at \(now.writtenThrough): it was set back")
            }
            return .continues
        }
        guard let end = try switches().last(where: { $0.from == known }) else {
            return .lost("it is on timeline \(now.number), which does not come from timeline \(known)")
        }
        guard received < end.at else {
            return .lost(
                "timeline \(now.number) left timeline \(known) at \(end.at): a standby was promoted that did "
                    + "not have all of it"
            )
        }
        return .promoted(at: end.at)
    }
}
