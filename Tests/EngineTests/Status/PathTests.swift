import Records
import Support
import Testing

@testable import Engine

/// How far the changes have come, and what is in danger at this pace.
@Suite struct PathTests {
    @Test func `each hop has its position, what waits there, its lag, and the age of the numbers`() throws {
        var status = FakeMigration.streaming().status
        status.apply?.totalEvents = status.capture?.totalEvents ?? .zero
        status.apply?.totalEvents.inserts -= 3
        let path = try #require(status.path)
        #expect(path.committed.position == status.capture?.originLogEnd)
        #expect(path.committed.age(at: status.readAt) == 2)
        #expect(path.received.position == status.capture?.receivedLSN && path.received.bytes == 2048)
        #expect(path.received.seconds == 0.2 && path.received.events == nil)
        #expect(path.durable.position == status.capture?.durableLSN && path.durable.bytes == 512)
        #expect(path.queued.events == 3 && path.queued.bytes == 2_040_109_465)
        #expect(path.queued.seconds.map { abs($0 - 1) < 1e-9 } == true)
        #expect(path.applied.position == status.apply?.appliedLSN && path.applied.events == 3)
        #expect(path.applied.seconds == 1.2 && path.applied.age(at: status.readAt) == 1)
    }

    @Test func `what is not known on the way is nil, and never 0`() throws {
        var status = FakeMigration.streaming().status
        let direction = Direction.forward
        status.capture = CaptureStatus(direction: direction, slotName: "s", now: status.readAt)
        status.apply = ApplyStatus(direction: direction, now: status.readAt)
        var path = try #require(status.path)
        for hop in [path.committed, path.received, path.durable] {
            #expect(hop.position == nil && hop.bytes == nil && hop.events == nil && hop.seconds == nil)
        }
        #expect(path.committed.readAt == nil && path.committed.age(at: status.readAt) == nil)
        #expect(path.queued.position == nil && path.queued.bytes == nil && path.queued.seconds == nil)
        // The origin is not read yet, so nobody knows how many changes are committed there.
        #expect(path.applied.position == nil && path.applied.events == nil && path.applied.seconds == nil)
        // The last lag is too old to be that of the changes that wait.
        status = FakeMigration.streaming().status
        status.capture?.arrivedAt = status.readAt - 60
        path = try #require(status.path)
        #expect(path.received.seconds == nil && path.queued.seconds == nil)
        status.capture = nil
        path = try #require(status.path)
        #expect(path.received == PathStatus.Hop() && path.applied.position != nil)
        status.apply = nil
        #expect(status.path == nil)
        status = FakeMigration(phase: .complete).status
        #expect(status.path == nil && status.dangerClock == nil)
    }

    // MARK: The danger clock

    @Test func `a trend is the slope of the last minutes, and unknown until they are some`() throws {
        var trend = Trend()
        for second in stride(from: 0.0, to: 30, by: 1) { trend.take(Int64(second) * 100, at: second) }
        #expect(trend.perSecond == nil)
        trend.take(3000, at: 30)
        #expect(trend.perSecond.map { abs($0 - 100) < 1e-6 } == true)
        // What is older than five minutes does not count.
        for second in stride(from: 30.0, through: 400, by: 5) { trend.take(3000, at: second) }
        #expect(trend.perSecond == 0)
        // A sawtooth without growth has next to no slope.
        trend = Trend()
        for second in stride(from: 0.0, through: 300, by: 5) {
            trend.take(1_000_000 + Int64(second).quotientAndRemainder(dividingBy: 10).remainder, at: second)
        }
        #expect(trend.perSecond.map { abs($0) < 0.01 } == true)
        // A clock that is set back begins anew.
        trend.take(5, at: 100)
        #expect(trend.perSecond == nil)
    }

    @Test func `the danger clock says how long slot and disk last, and which of them is first`() throws {
        var status = FakeMigration.streaming().status
        status.capture?.retainedWALBytes = 6 << 30
        status.capture?.safeWALBytes = 4 << 30
        status.capture?.retainedWALPerSecond = Double(1 << 20)
        status.capture?.diskFreeBytes = 10 << 30
        status.capture?.diskFreePerSecond = -Double(1 << 20)
        status.diskLimits.freeBytesMin = 2 << 30
        var clock = try #require(status.dangerClock)
        #expect(clock.slot?.limitBytes == 10 << 30 && clock.slot?.secondsLeft == 4096)
        #expect(clock.disk?.leftBytes == 8 << 30 && clock.disk?.secondsLeft == 8192)
        #expect(clock.first == .slot && clock.secondsLeft == 4096)
        // A slot without a limit lasts as long as the origin's disk, of which nothing is known.
        status.capture?.safeWALBytes = nil
        clock = try #require(status.dangerClock)
        #expect(clock.slot?.limitBytes == nil && clock.slot?.secondsLeft == nil && clock.first == .disk)
        // What shrinks is not in danger, and what is used up is.
        status.capture?.diskFreePerSecond = 1
        #expect(try #require(status.dangerClock).first == nil)
        status.capture?.diskFreeBytes = 1 << 30
        clock = try #require(status.dangerClock)
        #expect(clock.first == .disk && clock.secondsLeft == 0)
        status.readAt += 60
        #expect(status.dangerClock == nil)
    }
}
