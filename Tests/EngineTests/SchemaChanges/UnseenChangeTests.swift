import Postgres
import Records
import Testing

@testable import Engine

/// The reasons for which a table is set aside after a change that the stream does not announce.
@Suite struct UnseenChangeTests {
    private let unseen = UnseenChanges(
        Leg(number: 2, direction: .reverse, start: .position, uuid: "u"))

    @Test func `changes that the stream carries set no table aside`() {
        let partition = OriginCatalog.Part(name: "public.p", file: 1)
        for change: CatalogChange in [
            .newTable("public.t"), .newPartition(of: "public.t", partition),
            .partitionRewritten(of: "public.t", "public.p"),
        ] { #expect(unseen.change(change) == nil) }
    }

    @Test func `each other change names the side and what mends it`() throws {
        for change: CatalogChange in [
            .gone("public.t"), .renamed("public.t", to: "public.u"), .madeAnew("public.t"),
            .partitionGone(of: "public.t", "public.p"), .partitionStreamedNow(of: "public.t", "public.p"),
        ] {
            let found = try #require(unseen.change(change))
            #expect(found.reason.contains("the target") && !found.remedy.isEmpty && !found.isFoundAgain)
        }
    }

    @Test func `what each check finds again keeps the reason that a table has`() throws {
        let unlogged = UnstreamedPartition(name: "public.p", kind: .unlogged)
        #expect(unseen.change(.partitionsNotStreamed(of: "public.t", [unlogged]))?.isFoundAgain == true)
        #expect(unseen.unpublished.isFoundAgain && !unseen.emptied("public.p").isFoundAgain)
    }

    @Test func `checks that take long come less often`() {
        let pace = MonitorPace(secondsMin: 2, timeShareMax: 0.02)
        #expect(pace.waitSeconds(afterCheckOf: 0.01) == 2)
        #expect(pace.waitSeconds(afterCheckOf: 1) == 50)
    }
}
