import Postgres
import Records
import Testing

@testable import Engine

/// The decisions of the apply about what it has read. Times are seconds from 1000 on.
@Suite struct ApplyCourseTests {
    private func channels(_ places: UInt64...) -> OpenChannels {
        OpenChannels(
            plan: ChannelPlan(channels: Array(places.indices), keyColumns: [:], tablesSetAside: []),
            positions: places.enumerated().map { ChannelPosition(number: $0, lsn: LogPosition(number: $1)) },
            counts: .zero)
    }

    /// A course in windows; its clock is at 1000.
    private var inWindows: ApplyCourse { ApplyCourse(ApplyStage(channels(10), rowsThrough: .zero), at: 1000) }

    private let message = ApplyCourse.Event.message(isBarrier: false, isDrained: false)
    private let lastMessage = ApplyCourse.Event.message(isBarrier: false, isDrained: true)
    private let barrier = ApplyCourse.Event.message(isBarrier: true, isDrained: false)
    private let inTransaction = ApplyCourse.Batch(isInTransaction: true)

    /// A batch of whole transactions, the last of which was committed just now.
    private func batch(_ changes: Int, bytes: Int = 1000, startedAt: Double = 1000) -> ApplyCourse.Batch {
        ApplyCourse.Batch(
            startedAt: startedAt, lastLSN: LogPosition(number: 20),
            committedMicroseconds: Int64((startedAt - 946_684_800) * 1_000_000), changes: changes,
            bytes: bytes)
    }

    // MARK: Files

    @Test func `a file of the next leg ends this one, also inside a transaction`() {
        var course = inWindows
        let event = ApplyCourse.Event.header(segment: 3, isOfLeg: false, continuesTransaction: false)
        #expect(course.next(event, ApplyCourse.Batch()) == .endLeg)
        #expect(course.next(event, inTransaction) == .endLeg)
    }

    @Test func `a file that does not continue the open transaction makes it void`() {
        var course = inWindows
        func event(_ goesOn: Bool) -> ApplyCourse.Event {
            .header(segment: 3, isOfLeg: true, continuesTransaction: goesOn)
        }
        #expect(course.next(event(false), inTransaction) == .beginAgain)
        #expect(course.next(event(true), inTransaction) == .beginSegment(3))
        #expect(course.next(event(false), batch(1)) == .beginSegment(3))
    }

    @Test func `a clock that was set back does not keep the record from being checked`() {
        var course = inWindows
        let checks = [course.isRecordDue(), course.isRecordDue()]
        course.tick(at: 10)
        #expect(checks == [true, false])
        let isDue = course.isRecordDue()
        #expect(isDue)
    }

    // MARK: Messages

    @Test func `an open transaction is sent in parts, and not committed`() {
        var course = inWindows
        #expect(course.next(message, inTransaction) == .readOn)
        var large = inTransaction
        large.changes = 150_000
        #expect(course.next(message, large) == .writePart)
        large.changes = 1
        large.bytes = 16 << 20
        #expect(course.next(lastMessage, large) == .writePart)
    }

    @Test func `a batch waits for the end of the open transaction, however old it is`() {
        var course = inWindows
        var open = batch(10, startedAt: 900)
        open.isInTransaction = true
        #expect(course.next(message, open) == .readOn)
        #expect(course.next(.writer(isSettled: true), open) == .readOn)
        open.isInTransaction = false
        #expect(course.next(message, open) == .commit)
    }

    @Test func `a barrier is committed at once, and waited for`() {
        var course = inWindows
        #expect(course.next(barrier, batch(1)) == .commitAndWait)
        #expect(course.next(barrier, batch(150_000)) == .commitAndWait)
    }

    @Test func `a batch is committed when it is full or old`() {
        var course = inWindows
        course.read(bytes: 100)
        #expect(course.next(message, batch(149_999)) == .readOn)
        #expect(course.next(message, batch(150_000)) == .commit)
        #expect(course.next(message, batch(1, bytes: 16 << 20)) == .commit)
        #expect(course.next(message, batch(1, startedAt: 999.6)) == .readOn)
        // The batch began after the last reading of the clock.
        #expect(course.next(message, batch(1, startedAt: 1000.01)) == .readOn)
        #expect(course.next(message, batch(1, startedAt: 999.4)) == .commit)
    }

    @Test func `transactions that the destination has already are passed over`() {
        var course = inWindows
        #expect(course.next(message, ApplyCourse.Batch()) == .readOn)
        #expect(course.next(lastMessage, ApplyCourse.Batch()) == .readOn)
    }

    @Test func `a batch goes out before the log is read again`() {
        var course = inWindows
        #expect(course.next(lastMessage, batch(1)) == .askWriter)
    }

    @Test func `a worthwhile window is sent after the next reading of the clock, not between two`() {
        var course = inWindows
        course.read(bytes: 100)
        #expect(course.next(message, batch(16_000)) == .readOn)
        course.readClock(at: 1000)
        #expect(course.next(message, batch(15_999)) == .readOn)
        #expect(course.next(message, batch(16_000)) == .settleAndAskWriter)
    }

    @Test func `change by change, every transaction is committed by itself`() {
        let stage = ApplyStage(channels(10), rowsThrough: .zero, changesThrough: LogPosition(number: 30))
        var course = ApplyCourse(stage, at: 1000)
        #expect(course.next(message, batch(0)) == .commit)
        #expect(course.next(message, ApplyCourse.Batch()) == .readOn)
    }

    @Test func `levelling ends its window with the transaction that makes the channels level`() {
        var course = ApplyCourse(ApplyStage(channels(10, 30), rowsThrough: .zero), at: 1000)
        var levelling = batch(1, startedAt: 995)
        #expect(course.next(message, levelling) == .readOn)
        levelling.lastLSN = LogPosition(number: 30)
        #expect(course.next(message, levelling) == .commit)
    }

    // MARK: The writer

    @Test func `while the server applies one window the next one fills`() {
        var course = inWindows
        #expect(course.next(.writer(isSettled: false), batch(20_000)) == .readOn)
        #expect(course.next(.writer(isSettled: true), batch(20_000)) == .commit)
    }

    @Test func `nothing is sent if no whole transaction waits`() {
        var course = inWindows
        #expect(course.next(.writer(isSettled: true), ApplyCourse.Batch()) == .readOn)
    }

    @Test func `what was sent sets the size from which the next window is worthwhile`() {
        var course = inWindows
        course.readClock(at: 1000)
        #expect(course.next(.writer(isSettled: true), batch(20_000)) == .commit)
        #expect(course.next(message, batch(39_999)) == .readOn)
        #expect(course.next(message, batch(40_000)) == .settleAndAskWriter)
    }

    @Test func `a backlog is not sent in pieces while the log grows`() {
        var course = inWindows
        course.logGrew(at: 1000)
        let old = batch(100, startedAt: 900)
        #expect(course.next(.writer(isSettled: true), old) == .readOn)
        course.tick(at: 1000.03)
        #expect(course.next(.writer(isSettled: true), old) == .commit)
    }

    // MARK: The clock

    @Test func `the clock is read after many messages, or many bytes of them`() {
        var course = inWindows
        for _ in 1..<64 { course.read(bytes: 10) }
        #expect(!course.isClockDue)
        course.read(bytes: 10)
        #expect(course.isClockDue)
        course.readClock(at: 1001)
        #expect(!course.isClockDue)
        course.read(bytes: 1 << 20)
        #expect(course.isClockDue)
    }

    @Test func `the record is checked a few times a second`() {
        var course = inWindows
        func isDue(at now: Double) -> Bool {
            course.readClock(at: now)
            return course.isRecordDue()
        }
        let asked = [1000, 1000, 1000.1, 1000.3].map(isDue)
        #expect(asked == [true, false, false, true])
    }

    @Test
    func `rows go back to windows when the log has been at its end for a while, and no message has come`() {
        var course = ApplyCourse(ApplyStage(channels(10), rowsThrough: LogPosition(number: 20)), at: 1000)
        func isOver(_ changes: Int?) -> Bool {
            course.isStageOver(at: LogPosition(number: 20), foldableChanges: changes)
        }
        #expect(isOver(nil) && !isOver(0) && isOver(20_000))
        #expect(course.next(.end, ApplyCourse.Batch()) == .awaitLog)
        course.readClock(at: 1000.9)
        #expect(course.next(.end, ApplyCourse.Batch()) == .awaitLog && !isOver(0))
        course.readClock(at: 1001)
        #expect(isOver(0))
        #expect(course.next(message, ApplyCourse.Batch()) == .readOn && !isOver(0))
    }
}
