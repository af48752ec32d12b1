import Testing

@testable import PostgresPorts

/// What a refused change means, and the statement that the operator sees of it.
@Suite struct RefusedChangeTests {
    @Test func `an error is about its row only if the other rows could be applied without it`() {
        for state in ["22001", "22P02", "23505", "23514", "44000", "54000", "P0001"] {
            #expect(IncidentClass.contains(state), "\(state)")
        }
        for state in ["42703", "42P01", "42501", "53100", "40001", "54001", "57014", "", "0A000"] {
            #expect(!IncidentClass.contains(state), "\(state)")
        }
    }

    @Test func `values are put into a statement as literals, and quoted names are left alone`() {
        #expect(
            StatementText.filled(#"insert into "a$1" ("b") values ($1, $2)"#, ["it's", nil])
                == #"insert into "a$1" ("b") values ('it''s', null)"#)
        #expect(StatementText.filled("$10 $1", (1...10).map { "v\($0)" }) == "'v10' 'v1'")
        #expect(StatementText.filled(#"select $1"#, [#"a\b"#]) == #"select E'a\\b'"#)
        #expect(StatementText.filled("$3 $ $x", ["a"]) == "$3 $ $x")
    }
}
