import Testing

@testable import Engine

@Suite struct SlowLookupTests {
    @Test func `a table whose changes take long is reported once, and again after a while`() {
        var lookups = SlowLookups()
        func round(_ seconds: Double, at start: Double) -> SlowLookups.Finding? {
            for _ in 0..<4 { lookups.sent("public.t", at: start) }
            lookups.sent("public.u", at: start)
            return lookups.answered(at: start + seconds)
        }
        #expect(round(0.001, at: 0) == nil)
        #expect(round(5, at: 10) == SlowLookups.Finding(table: "public.t", secondsPerChange: 1))
        #expect(round(5, at: 20) == nil)
        #expect(round(5, at: 16 + SlowLookups.repeatSeconds) != nil)
    }

    @Test func `answers are read after a few changes, so that slow ones are noticed`() {
        var lookups = SlowLookups()
        for _ in 0..<SlowLookups.changesMax {
            #expect(!lookups.isFull)
            lookups.sent("public.t", at: 0)
        }
        #expect(lookups.isFull)
        _ = lookups.answered(at: 0)
        #expect(!lookups.isFull)
        #expect(lookups.answered(at: 100) == nil)
    }
}
