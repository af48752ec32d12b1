import Foundation
import Journal
import Records

/// The apply over one set of connections: it takes the log to the writer as the course says, and checks the
/// record of the migration between messages.
final class ApplySession {
    private let context: RoleContext
    private let leg: Leg
    private let replay: LogReplay
    private let segments: LegSegments
    private let published: ApplyStatusWriter
    private let planMonitor: PlanMonitor
    /// Whether a stage of rows lasts a little longer.
    private let keepsRows: Bool
    /// LSN at which the first table was set aside, from which on the log is needed; nil if none is set aside.
    private let setAsideFrom: LogPosition?
    /// Tables set aside need the log from this file on.
    private var neededSegment: Int?
    private let logWatch: SegmentWatch
    private var course: ApplyCourse
    /// The destination's server, for messages.
    let place: String
    /// Everything up to here was applied when the session began.
    let lowest: LogPosition

    private static let pausedMicroseconds: UInt32 = 100_000

    init(
        context: RoleContext, leg: Leg, stage: ApplyStage, replay: LogReplay, segments: LegSegments,
        published: ApplyStatusWriter, planMonitor: PlanMonitor, keepsRows: Bool, channels: OpenChannels,
        place: String, excluded: [ExcludedTable]
    ) {
        self.context = context
        self.leg = leg
        self.replay = replay
        self.segments = segments
        self.published = published
        self.planMonitor = planMonitor
        self.keepsRows = keepsRows
        self.place = place
        lowest = channels.lowest
        setAsideFrom = channels.setAsideFrom(without: excluded)
        logWatch = SegmentWatch(exportDirectory: context.exportDirectory)
        course = ApplyCourse(stage, at: secondsNow())
    }

    /// The transaction that turned out to be void and is not committed yet.
    var voidLSN: LogPosition? { replay.voidLSN }

    /// The reason why a session is over, if nothing went wrong.
    enum Outcome {
        case legEnded
        /// The log is to be read again from the watermark on, over new connections.
        case beginAgain
    }

    /// Applies the log; throws when a connection is lost, a change is refused, or a stop is requested.
    func run() throws -> Outcome {
        guard let first = try segments.awaitFirst(after: lowest) else { return .legEnded }
        // Nothing is read before the pause is seen, so that no change is applied in one.
        if try context.record().isPaused { try waitWhilePaused() }
        neededSegment = try setAsideFrom.flatMap { try segments.first(after: $0)?.number }
        var reader = SegmentReader(exportDirectory: context.exportDirectory, from: first)
        while true {
            var isBarrier = false
            let frame = try reader.next { message in
                isBarrier = try replay.take(message)
                course.read(bytes: message.byteCount)
            }
            var isAtEnd = false
            let event: ApplyCourse.Event
            switch frame {
            case .message:
                if course.isClockDue {
                    course.readClock(at: secondsNow())
                } else if replay.transaction.isOpen {
                    // Inside a transaction nothing is to be decided until then.
                    continue
                }
                event = .message(isBarrier: isBarrier, isDrained: reader.isBufferEmpty)
            case .header(let header):
                course.readClock(at: secondsNow())
                if header.leg == leg.number {
                    try replay.checkGapless(header, in: context.exportDirectory)
                }
                event = .header(
                    segment: header.number, isOfLeg: header.leg == leg.number,
                    continuesTransaction: header.continuesTransaction)
            case .end:
                course.readClock(at: secondsNow())
                isAtEnd = true
                event = .end
            }
            let action = course.next(event, replay.batch)
            if let outcome = try act(on: action) { return outcome }
            if !replay.transaction.isOpen,
                course.isStageOver(
                    at: replay.transaction.reached,
                    foldableChanges: keepsRows ? replay.writer.foldableChanges : nil)
            {
                try replay.commitAll()
                return .beginAgain
            }
            if course.isRecordDue(), let outcome = try checkRecord(isAtEnd: isAtEnd) { return outcome }
        }
    }

    /// Performs an action of the course; returns nil if the session continues.
    private func act(on action: ApplyCourse.Action) throws -> Outcome? {
        switch action {
        case .readOn: break
        case .writePart: try replay.writePart()
        case .commit: try replay.commit()
        case .commitAndWait:
            try replay.commit()
            try replay.settle(wait: true)
        case .askWriter:
            course.tick(at: secondsNow())
            return try askWriter()
        case .settleAndAskWriter:
            try replay.settle(wait: false)
            return try askWriter()
        case .awaitLog:
            try replay.settle(wait: false)
            let outcome = try askWriter()
            published.publish(force: false)
            if logWatch.wait(replay.writer.awaited, isBrief: replay.transaction.hasBatch) {
                course.logGrew(at: secondsNow())
            }
            return outcome
        case .beginSegment(let number):
            try replay.settle(wait: true)
            replay.begin(segment: number)
            try segments.applied(below: min(replay.transaction.segmentNeeded, neededSegment ?? number))
        case .beginAgain:
            replay.noteVoid()
            return .beginAgain
        case .endLeg:
            try replay.commitAll()
            try segments.awaitEndOfLeg()
            try segments.finish()
            return .legEnded
        }
        return nil
    }

    private func askWriter() throws -> Outcome? {
        let action = course.next(.writer(isSettled: replay.writer.isSettled), replay.batch)
        return try act(on: action)
    }

    /// Performs what the operator or the end of the leg requires; returns nil if the session continues.
    /// Inside a transaction everything except a stop waits.
    private func checkRecord(isAtEnd: Bool) throws -> Outcome? {
        published.publish(force: false)
        try context.stop.check()
        let record = try context.record()
        guard !replay.transaction.isOpen else { return nil }
        if record.hasEnded(leg), isAtEnd {
            try replay.commitAll()
            try segments.finish()
            return .legEnded
        }
        if record.isPaused {
            try replay.commitAll()
            try waitWhilePaused()
        }
        // A new plan begins while all channels are level, over new connections.
        if try planMonitor.seesChange(record) {
            try replay.commitAll()
            return .beginAgain
        }
        return nil
    }

    private func waitWhilePaused() throws {
        published.enter(.paused, reason: LegSegments.pausedReason)
        context.log(.info, "apply", "paused; the capture continues")
        while try context.record().isPaused {
            try context.stop.check()
            published.publish(force: false)
            usleep(Self.pausedMicroseconds)
        }
        published.enter(.streaming)
        context.log(.info, "apply", "resumed")
    }
}
