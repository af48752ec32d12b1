import Records
import Testing

@testable import Engine

/// The comparison of a plan that was seen with the one that would run.
@Suite struct SeenPlanTests {
    private func line(_ action: String, on side: Side = .source, undo: String? = "undo") -> PlanLine {
        PlanLine(side: side, action: action, undo: undo)
    }

    private func change(_ seen: [PlanLine], _ present: [PlanLine], on side: Side? = nil) -> PlanHasChanged? {
        do { try SeenPlan(seen).compare(with: present, on: side) } catch { return error }
        return nil
    }

    @Test func `the same plan may run`() {
        let plan = [line("one"), line("two", on: .target)]
        #expect(change(plan, plan) == nil)
        #expect(change(plan, plan, on: .target) == nil)
    }

    @Test func `another statement, another undo and another order are changes, and the words say which`() {
        let found = change([line("one"), line("two")], [line("one"), line("three")])
        #expect(found?.added == ["source: three"] && found?.removed == ["source: two"])
        let words = found?.description ?? ""
        #expect(words.contains("new are \"source: three\"; gone are \"source: two\""), "\(words)")
        #expect(words.hasSuffix("look at it again, then ask again"))
        #expect(change([line("one")], [line("one", undo: nil)]) != nil)
        let swapped = change([line("one"), line("two")], [line("two"), line("one")])
        #expect(swapped?.description.contains("the order, or what takes a statement back") == true)
    }

    @Test func `each object of a statement counts`() {
        var seen = line("fence a")
        seen.more = ["fence b"]
        var present = seen
        present.more = ["fence b", "fence c"]
        #expect(change([seen], [present])?.added == ["source: fence c"])
    }

    @Test func `a side is compared for itself`() {
        let seen = [line("one"), line("two", on: .target)]
        #expect(change(seen, [line("one")], on: .source) == nil)
        #expect(change(seen, [line("three", on: .target)], on: .target) != nil)
    }

    @Test func `what was not known when it was shown is not compared`() {
        let seen = [PlanLine.unread(.source, "Fence", reason: "nobody has read it"), line("one")]
        var fence = line("fence")
        fence.step = "Fence"
        #expect(change(seen, [fence, line("one")]) == nil)
        #expect(change(seen, [fence, line("two")]) != nil)
    }

    @Test func `a fix may find less to mend, and nothing new`() {
        let seen = SeenPlan([line("one"), line("two")])
        #expect(throws: Never.self) { try seen.compareFix([self.line("two")]) }
        #expect(throws: PlanHasChanged.self) { try seen.compareFix([self.line("three")]) }
    }

    @Test func `a long statement is cut in the message, and many are counted`() {
        let long = String(repeating: "x", count: 500)
        let found = change([], (1...5).map { line("\(long)\($0)") })
        let words = found?.description ?? ""
        #expect(words.contains("…\"") && words.contains("and 2 more") && words.count < 1000, "\(words)")
    }
}
