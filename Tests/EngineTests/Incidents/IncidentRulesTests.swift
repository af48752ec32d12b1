import Foundation
import Records
import Testing

@testable import Engine
@testable import PostgresPorts

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

    @Test func `an error is about its row only if the other rows could be applied without it`() {
        for state in ["22001", "22P02", "23505", "23514", "44000", "54000", "P0001"] {
            #expect(IncidentClass.contains(state), "\(state)")
        }
        for state in ["42703", "42P01", "42501", "53100", "40001", "54001", "57014", "", "0A000"] {
            #expect(!IncidentClass.contains(state), "\(state)")
        }
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

    @Test func `values are put into a statement as literals, and quoted names are left alone`() {
        #expect(
            StatementText.filled(#"insert into "a$1" ("b") values ($1, $2)"#, ["it's", nil])
                == #"insert into "a$1" ("b") values ('it''s', null)"#)
        #expect(StatementText.filled("$10 $1", (1...10).map { "v\($0)" }) == "'v10' 'v1'")
        #expect(StatementText.filled(#"select $1"#, [#"a\b"#]) == #"select E'a\\b'"#)
        #expect(StatementText.filled("$3 $ $x", ["a"]) == "$3 $ $x")
    }

    @Test func `a key's value is cut, and says so`() {
        let column = Incident.KeyColumn(column: "id", value: String(repeating: "x", count: 500))
        #expect(column.value?.count == Incident.keyTextMax + 1 && column.value?.hasSuffix("…") == true)
    }
}
