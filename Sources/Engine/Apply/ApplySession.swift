import Foundation
import Journal
import Postgres
import Records

/// The apply over one set of connections: the log into the writer as the course says, and between its messages a look at
/// the record.
final class ApplySession {
    private let context: RoleContext
    private let leg: Leg
    private let replay: LogReplay
    private let segments: LegSegments
    private let published: ApplyStatusWriter
    private let planWatch: PlanWatch
    /// The writer of a stage of rows that may stay a little longer.
    private let lingeringRows: RowWriter?
    /// What a held table has before it needs the log from this file on.
    private let heldSegment: Int?
    private let logWatch: SegmentWatch
    private var course: ApplyCourse

    private static let pausedMicroseconds: UInt32 = 100_000

    init(
        context: RoleContext, leg: Leg, stage: ApplyStage, replay: LogReplay, segments: LegSegments,
        published: ApplyStatusWriter, planWatch: PlanWatch, lingeringRows: RowWriter?, heldSegment: Int?
    ) {
        self.context = context
        self.leg = leg
        self.replay = replay
        self.segments = segments
        self.published = published
        self.planWatch = planWatch
        self.lingeringRows = lingeringRows
        self.heldSegment = heldSegment
        logWatch = SegmentWatch(exportDirectory: context.exportDirectory)
        course = ApplyCourse(stage, at: secondsNow())
    }

    /// Why a session is over, where nothing went wrong.
    enum Outcome {
        case legEnded
        /// The log is to be read again from the watermark on, on new connections.
        case beginAgain
    }

    /// Applies the log from a file on; throws where a connection is lost, a change is refused, or a stop is asked for.
    func run(from segment: Int) throws -> Outcome {
        var reader = SegmentReader(exportDirectory: context.exportDirectory, from: segment)
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
                if course.isLookDue {
                    course.look(at: secondsNow())
                } else if replay.transaction.isOpen {
                    // A transaction that goes on needs no look.
                    continue
                }
                event = .message(isBarrier: isBarrier, isDrained: reader.isBufferEmpty)
            case .header(let header):
                course.look(at: secondsNow())
                if header.leg == leg.number {
                    try replay.checkGapless(header, in: context.exportDirectory)
                }
                event = .header(
                    segment: header.number, isOfLeg: header.leg == leg.number,
                    continuesTransaction: header.continuesTransaction)
            case .end:
                course.look(at: secondsNow())
                isAtEnd = true
                event = .end
            }
            if let outcome = try act(on: course.next(event, replay.batch)) { return outcome }
            if !replay.transaction.isOpen,
                course.isStageOver(
                    at: replay.transaction.reached, foldableChanges: lingeringRows?.foldableChanges)
            {
                try replay.commitAll()
                return .beginAgain
            }
            if course.isRecordDue(), let outcome = try lookAtRecord(isAtEnd: isAtEnd) { return outcome }
        }
    }

    /// Does what the course says; nil where the session goes on.
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
            try segments.applied(below: min(replay.transaction.segmentNeeded, heldSegment ?? number))
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
        try act(on: course.next(.writer(isSettled: replay.writer.isSettled), replay.batch))
    }

    /// Does what the operator or the end of the leg asks for; nil where the session goes on. Inside a transaction all of it
    /// waits, but for a stop.
    private func lookAtRecord(isAtEnd: Bool) throws -> Outcome? {
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
        // A new plan begins at a level point, on new connections.
        if try planWatch.seesChange(record) {
            try replay.commitAll()
            return .beginAgain
        }
        return nil
    }

    private func waitWhilePaused() throws {
        published.enter(.paused, reason: "paused by the operator")
        context.log(.info, "apply", "paused; the capture goes on")
        while try context.record().isPaused {
            try context.stop.check()
            published.publish(force: false)
            usleep(Self.pausedMicroseconds)
        }
        published.enter(.streaming)
        context.log(.info, "apply", "resumed")
    }
}
