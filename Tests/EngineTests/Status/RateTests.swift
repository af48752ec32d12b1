import Foundation
import Records
import Support
import Testing

@testable import Engine

/// The rates of the roles and of the tables, and their histories.
@Suite struct RateTests {
    @Test func `a history has the rate of now, its peak, and stretches that do not change any more`() {
        var meter = RateMeter(startedAt: 1000)
        #expect(meter.history(at: 1000).peakAt == nil)
        for second in 1000..<1030 { meter.add(10, at: Double(second) + 0.5) }
        let first = meter.history(at: 1030)
        #expect(first.now == 10 && first.peak == 10 && first.peakAt == 1030)
        // From 999, a multiple of three, on: the run began within the first stretch.
        #expect(
            first.last3Minutes
                == RateSamples(beginsAt: 999, seconds: 3, events: [20] + [Int64](repeating: 30, count: 9)))
        #expect(first.last10Minutes == RateSamples(beginsAt: 1000, seconds: 10, events: [100, 100, 100]))
        #expect(
            first.run == RateSamples(beginsAt: 1000, seconds: 3, events: [Int64](repeating: 30, count: 10)))
        #expect(first.last10Minutes.rates == [10, 10, 10] && first.last10Minutes.endsAt == 1030)
        meter.add(500, at: 1030.2)
        #expect(meter.history(at: 1030.9).last3Minutes == first.last3Minutes)
        let later = meter.history(at: 1032)
        #expect(later.now == 250 && later.peak == 250 && later.peakAt == 1032)
        #expect(meter.history(at: 1050).now == 0 && meter.history(at: 1050).peakAt == 1032)
        let old = meter.history(at: 9000)
        #expect(old.last3Minutes.events == [Int64](repeating: 0, count: 60))
        #expect(old.last10Minutes.events.count == 60 && old.last10Minutes.events.max() == 0)
        // A clock that is set back changes nothing that is over.
        meter.add(1, at: 500)
        #expect(meter.history(at: 9000).last3Minutes.events.count == 60)
    }

    @Test func `the history of a leg has at most sixty stretches, and loses no event`() {
        var run = RunHistory(startedAt: 0)
        var countMax = 0
        for second in 0..<100_000 {
            run.add(1, at: Double(second))
            countMax = max(countMax, run.samples.events.count)
        }
        #expect(countMax == RateSamples.samplesMax)
        #expect(run.samples.events.reduce(0, +) == 100_000)
        #expect(run.samples.seconds == 3072 && run.samples.events.dropLast().allSatisfy { $0 == 3072 })
        run.add(7, at: 1e9)
        #expect(run.samples.events.count <= RateSamples.samplesMax && run.samples.events.last == 7)
    }

    @Test func `a run continues the histories of the run before, and its own rates do not count them`() {
        var first = RateMeter(startedAt: 1000)
        for second in 1000..<1400 { first.add(second < 1100 ? 20 : 10, at: Double(second)) }
        let before = first.history(at: 1400)
        var next = RateMeter(startedAt: 1420, continuing: before)
        #expect(next.rate(overSeconds: 600, at: 1430) == 0)
        let after = next.history(at: 1440)
        #expect(after.peak == before.peak && after.peakAt == before.peakAt && after.now == 0)
        #expect(after.run == before.run && after.run.events.reduce(0, +) == 5000)
        #expect(after.last10Minutes.beginsAt == 1000)
        // What an unfinished stretch had is not known any more.
        #expect((4950...5000).contains(after.last10Minutes.events.reduce(0, +)))
        #expect(after.last3Minutes.beginsAt == 1260 && after.last3Minutes.events.count == 60)
        #expect(after.last3Minutes.events.prefix(46).allSatisfy { $0 == 30 })
        #expect(after.last3Minutes.events.suffix(14).allSatisfy { $0 == 0 })
        next.add(7, at: 1441)
        #expect(next.history(at: 1443).run.events.reduce(0, +) == 5007)
        // A run that comes much later begins with nothing but the peak and the whole leg.
        var late = RateMeter(startedAt: 90_000, continuing: before)
        #expect(late.history(at: 90_010).last10Minutes.events == [0])
        #expect(late.history(at: 90_010).peak == before.peak)
    }

    @Test func `a role that starts again continues the histories of its status file`() throws {
        let directory = NSTemporaryDirectory() + "switchback-rates-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory + "/metainfo", withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let leg = Leg(number: 1, direction: .forward, start: .snapshot, uuid: "u")
        let now = secondsNow()
        var apply = ApplyStatus(of: leg, now: now)
        apply.rates = FakeMigration.rates(now: 5, peak: 4000, of: 100, at: now - 5)
        StatusFile.write(
            PublishedStatus(status: apply, tables: [:]), to: StatusFile.path(directory, .apply))
        let writer = ApplyStatusWriter(directory, leg: leg)
        writer.publish(force: true)
        let found = try #require(
            StatusFile.read(ApplyStatus.self, from: StatusFile.path(directory, .apply))?.status.rates)
        #expect(found.peak == 4000 && found.peakAt == apply.rates?.peakAt)
        #expect(found.run.beginsAt == apply.rates?.run.beginsAt && found.now < 4000)
        let other = ApplyStatusWriter(
            directory, leg: Leg(number: 3, direction: .forward, start: .position, uuid: "u"))
        other.publish(force: true)
        #expect(
            StatusFile.read(ApplyStatus.self, from: StatusFile.path(directory, .apply))?.status.rates?.peak
                == 0)
    }

    @Test func `a table's rate is over the last seconds, and begins anew with a connection`() {
        var rates = TableRates()
        rates.read(["s.a": ChangeCounts(inserts: 1000)], at: 10)
        #expect(rates.now == [:])
        rates.read(["s.a": ChangeCounts(inserts: 1040), "s.b": ChangeCounts(deletes: 8)], at: 11)
        #expect(rates.now == [:])
        rates.read(["s.a": ChangeCounts(inserts: 1040), "s.b": ChangeCounts(deletes: 8)], at: 14)
        #expect(rates.now == ["s.a": 10, "s.b": 2])
        rates.read(["s.a": ChangeCounts(inserts: 1040), "s.b": ChangeCounts(deletes: 16)], at: 16)
        #expect(rates.now == ["s.b": 4])
        rates.begin(["s.a": ChangeCounts(inserts: 2000)], at: 17)
        #expect(rates.now == [:])
    }

    @Test func `tables are sorted by what remains, then by their errors, then by name`() {
        var status = FakeMigration.streaming().status
        func table(_ name: QualifiedName, _ remaining: Int64, stashed: Int64 = 0, stopped: Int64 = 0)
            -> TableStatus
        {
            TableStatus(
                name: name, exported: [.forward: ChangeCounts(inserts: remaining + stashed)],
                imported: [.forward: .zero],
                incidents: [.forward: IncidentCounts(stashed: stashed, stopped: stopped, mended: 9)])
        }
        status.tables = [
            table("s.a", 0), table("s.b", 5), table("s.c", 0, stashed: 1), table("s.d", 7),
            table("s.e", 0, stashed: 1, stopped: 1), table("s.f", 5),
        ]
        #expect(status.tablesWorstFirst.map(\.name) == ["s.d", "s.b", "s.f", "s.e", "s.c", "s.a"])
    }

    @Test func `the rates of now are unknown when the roles have published nothing lately`() {
        var status = FakeMigration.streaming().status
        #expect(status.exportedPerSecond == 640 && status.importedPerSecond == 14310)
        #expect(status.exportRates?.peak == 24010 && status.importRates?.run.events.count == 60)
        status.readAt += 60
        #expect(status.exportedPerSecond == nil && status.importedPerSecond == nil)
    }
}
