import Foundation
import Records
import Testing

@testable import Engine

/// The decisions about a change that cannot be applied.
@Suite struct IncidentRulesTests {
    @Test func `a change is stashed below the bound, and only if the operator said so`() {
        #expect(IncidentRules().handling(after: 0) == .stopped)
        let rules = IncidentRules(policy: .stash, incidentsMax: 2)
        #expect([0, 1, 2, 3].map(rules.handling) == [.stashed, .stashed, .stopped, .stopped])
        #expect(IncidentRules(policy: .stash, incidentsMax: 0).handling(after: 0) == .stopped)
    }

    @Test func `the words that earlier versions stored are read`() throws {
        #expect(Incident.Handling(rawValue: "set aside") == .stashed)
        let rules = #"{"policy":"set aside","incidentsMax":7}"#
        #expect(
            try JSONDecoder().decode(IncidentRules.self, from: Data(rules.utf8))
                == IncidentRules(policy: .stash, incidentsMax: 7))
    }

    @Test func `the stretch of single changes grows with each failure, and to the whole window after a few`()
    {
        var stretch = ChangeStretch()
        stretch.extend(through: LogPosition(number: 10), window: LogPosition(number: 100))
        #expect(stretch.through == LogPosition(number: 10))
        stretch.extend(through: LogPosition(number: 20), window: LogPosition(number: 100))
        #expect(stretch.through == LogPosition(number: 20))
        stretch.extend(through: LogPosition(number: 30), window: LogPosition(number: 100))
        #expect(stretch.through == LogPosition(number: 100))
        // The next window begins to count again, and the stretch never becomes shorter.
        stretch.extend(through: LogPosition(number: 110), window: LogPosition(number: 200))
        #expect(stretch.through == LogPosition(number: 110))
        stretch.extend(through: LogPosition(number: 105), window: LogPosition(number: 200))
        #expect(stretch.through == LogPosition(number: 110))
        // Only a refused commit has its transaction checked at once.
        #expect(stretch.checkedAtOnce == nil)
        stretch.extend(through: LogPosition(number: 112), isAtCommit: true, window: LogPosition(number: 300))
        #expect(
            stretch.checkedAtOnce == LogPosition(number: 112) && stretch.through == LogPosition(number: 112))
        stretch.extend(through: LogPosition(number: 114), window: LogPosition(number: 300))
        #expect(stretch.checkedAtOnce == LogPosition(number: 112))
    }

    @Test func `a key's value is cut, and says so`() {
        let column = Incident.KeyColumn(column: "id", value: String(repeating: "x", count: 500))
        #expect(column.value?.count == Incident.keyTextMax + 1 && column.value?.hasSuffix("…") == true)
    }
}
