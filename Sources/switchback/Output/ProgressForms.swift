import Engine
import Records

/// The form in JSON of how far a long piece of work is.
struct ProgressForm: Encodable {
    let kind: String
    let side: String
    let unit: String
    let done: Int64
    let total: Int64?
    let detail: String
    let per_second: Double?
    let seconds_left: Double?

    init(_ work: WorkProgress, now: Double) {
        kind = work.kind.rawValue
        side = work.side.rawValue
        unit = work.unit.rawValue
        done = work.done
        total = work.total
        detail = work.detail
        per_second = work.perSecond
        seconds_left = work.secondsLeft(at: now)
    }
}

/// The form in JSON of a cutover's stopwatch.
struct StopwatchForm: Encodable {
    let started_at: String
    let ended_at: String?
    let seconds: Double
    let laps: [Lap]

    /// The form of the time of one step.
    struct Lap: Encodable {
        let step: String
        let seconds: Double
        let running: Bool
    }

    init(_ stopwatch: CutoverStopwatch, now: Double) {
        laps = stopwatch.laps.map {
            Lap(step: $0.title, seconds: $0.seconds(at: now), running: $0.endedAt == nil)
        }
        started_at = UTCTime.standard(stopwatch.startedAt)
        ended_at = stopwatch.endedAt.map(UTCTime.standard)
        seconds = stopwatch.seconds(at: now)
    }
}
