import Postgres
import Records
import Testing

@testable import Engine

/// The stage that apply begins with, by the watermarks of its channels.
@Suite struct ApplyStageTests {
    private func channels(_ places: UInt64...) -> OpenChannels {
        OpenChannels(
            plan: ChannelPlan(channels: Array(places.indices), keyColumns: [:], tablesSetAside: []),
            positions: places.enumerated().map { ChannelPosition(number: $0, lsn: LogPosition(number: $1)) },
            counts: .zero)
    }

    @Test
    func `a refused window goes row by row first, then channels are levelled, then all are used`() {
        let rows = ApplyStage(channels(10, 30), rowsThrough: LogPosition(number: 20))
        #expect(rows.kind == .rows && rows.through == LogPosition(number: 20))
        let levelling = ApplyStage(channels(20, 30), rowsThrough: LogPosition(number: 20))
        #expect(levelling.kind == .levelling && levelling.through == LogPosition(number: 30))
        #expect(
            !levelling.endsWindow(at: LogPosition(number: 29))
                && levelling.endsWindow(at: LogPosition(number: 30)))
        let level = ApplyStage(channels(30, 30), rowsThrough: LogPosition(number: 20))
        #expect(level.kind == .parallel && !level.isOver(at: LogPosition.last, nil))
    }

    @Test func `the operator's bounds are those of windows, and not of levelling`() {
        let bounds = ApplyBounds(changesMax: 7, bytesMax: 70, seconds: 0.7)
        for positions in [channels(30), channels(30, 30)] {
            let stage = ApplyStage(positions, rowsThrough: .zero, bounds: bounds)
            #expect(stage.changesMax == 7 && stage.bytesMax == 70 && stage.batchSeconds == 0.7)
        }
        let usual = ApplyStage(channels(30), rowsThrough: .zero)
        #expect(usual.changesMax > 7 && usual.batchSeconds < 0.7)
        let levelling = ApplyStage(channels(20, 30), rowsThrough: .zero, bounds: bounds)
        #expect(levelling.changesMax > 7)
    }

    @Test func `rows stay until enough changes would fold, or the log has been at its end for a while`() {
        let stage = ApplyStage(channels(10), rowsThrough: LogPosition(number: 20))
        #expect(
            !stage.isOver(at: LogPosition(number: 19), nil) && stage.isOver(at: LogPosition(number: 20), nil))
        func isOver(_ changes: Int, _ seconds: Double) -> Bool {
            stage.isOver(
                at: LogPosition(number: 20),
                ApplyStage.RowsSoFar(foldableChanges: changes, idleSeconds: seconds))
        }
        #expect(!isOver(0, 0) && !isOver(19_999, 0.9))
        #expect(isOver(20_000, 0) && isOver(0, 1))
    }

    @Test func `tables set aside keep the log, and are passed over`() throws {
        let change = try #require(channels(10, 30).plan.settingAside("public.t"))
        let setAside = OpenChannels(
            plan: change.plan,
            positions: zip(change.plan.allChannels, [40, 40, 20] as [UInt64]).map {
                ChannelPosition(number: $0, lsn: LogPosition(number: $1))
            }, counts: .zero)
        #expect(setAside.isLevel && setAside.lowest == LogPosition(number: 40))
        #expect(setAside.setAsideFrom(without: []) == LogPosition(number: 20))
        #expect(setAside.passed == [LogPosition(number: 40), LogPosition(number: 40), LogPosition.last])
        #expect(setAside.needsFilter)
        let released = OpenChannels(
            plan: try #require(setAside.plan.releasing("public.t")).plan, positions: setAside.positions,
            counts: .zero
        )
        #expect(!released.isLevel && released.lowest == LogPosition(number: 20))
        // No other plan before the table has caught up.
        #expect(ApplyStage(released, rowsThrough: .zero).kind == .levelling)
    }

    @Test
    func `a table that is set aside keeps the log from there on, unless it is excluded`()
        throws
    {
        #expect(channels(40, 40).setAsideFrom(without: []) == nil)
        let change = try #require(channels(40, 40).plan.settingAside("public.t"))
        let setAside = OpenChannels(
            plan: change.plan,
            positions: change.plan.allChannels.map {
                ChannelPosition(number: $0, lsn: LogPosition(number: 40))
            },
            counts: .zero)
        #expect(setAside.setAsideFrom(without: []) == LogPosition(number: 40))
        let excluded = ExcludedTable(table: "public.t", reason: "", by: "test", at: 0)
        #expect(setAside.setAsideFrom(without: [excluded]) == nil)
    }
}
