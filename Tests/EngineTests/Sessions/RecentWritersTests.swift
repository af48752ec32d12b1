import Records
import Testing

@testable import Engine
@testable import PostgresPorts

/// Who counts as a writer by looks at the sessions, and what the text of a statement says.
@Suite struct RecentWritersTests {
    private static let item = QualifiedName(schema: "public", name: "item")

    private func statement(
        _ processID: String, _ effect: WriterSample.Statement.Effect, at beganAt: Double,
        state: String = "idle"
    ) -> WriterSample.Statement {
        WriterSample.Statement(
            processID: processID, user: "shop", application: "app", sessionStart: "1", state: state,
            beganAt: beganAt, effect: effect)
    }

    @Test func `a statement that names a table makes its session a writer, until it is silent for a while`() {
        var writers = RecentWriters()
        #expect(writers.since == nil)
        writers.take(
            WriterSample(
                at: 100, statements: [statement("7", .writes(Self.item), at: 99)], written: [Self.item: 5]))
        #expect(writers.since == 98.5)
        #expect(writers.sessions.map(\.processID) == ["7"])
        #expect(writers.sessions.first?.description == "7 shop app (wrote public.item)")
        #expect(writers.sessions.first?.wroteAt == 99)
        writers.take(WriterSample(at: 109, statements: [], written: [Self.item: 5]))
        #expect(writers.sessions.count == 1)
        writers.take(WriterSample(at: 109.5, statements: [], written: [Self.item: 5]))
        #expect(writers.sessions.isEmpty && writers.tablesOfEndedSessions.isEmpty)
    }

    @Test func `rows that nobody's text explains are those of the sessions that may have written them`() {
        var writers = RecentWriters()
        let quiet = statement("1", .reads, at: 100.4)
        writers.take(WriterSample(at: 100, statements: [], written: [Self.item: 5]))
        writers.take(
            WriterSample(
                at: 100.5,
                statements: [
                    quiet, statement("2", .unknown, at: 100.3), statement("3", .unknown, at: 90),
                    statement("4", .unknown, at: 20, state: "active"),
                ], written: [Self.item: 6]))
        #expect(Set(writers.sessions.map(\.processID)) == ["2", "4"])
        #expect(writers.tablesOfEndedSessions.isEmpty)
        // Nobody is there who could have written the next rows.
        writers = RecentWriters()
        writers.take(WriterSample(at: 200, statements: [quiet], written: [Self.item: 6]))
        writers.take(WriterSample(at: 200.5, statements: [quiet], written: [Self.item: 7]))
        #expect(writers.sessions.isEmpty && writers.tablesOfEndedSessions == [Self.item])
        // A table that is new in the counts was not written.
        let other = QualifiedName(schema: "public", name: "other")
        writers.take(WriterSample(at: 201, statements: [], written: [Self.item: 7, other: 9]))
        #expect(writers.tablesOfEndedSessions == [Self.item])
    }

    @Test func `no more sessions are remembered than the bound`() {
        var writers = RecentWriters()
        let many = (0..<300).map { statement("\($0)", .writes(Self.item), at: 100 + Double($0) / 1000) }
        writers.take(WriterSample(at: 101, statements: many, written: [:]))
        #expect(writers.sessions.count == 200 && writers.sessions.first?.processID == "299")
    }

    @Test(arguments: [
        ("insert into item values (1, 'delete from other')", "item"),
        ("INSERT INTO public.Item(id) select 1", "item"),
        ("  /* hint */ update only \"item\" set v = 'x'", "item"),
        ("-- note\ndelete from \"Odd Name\" where id = $1", "Odd Name"),
        ("merge into item using other on true when matched then delete", "item"),
        ("truncate item", "item"), ("copy item (id) from stdin", "item"),
        ("with gone as (delete from item returning *) select * from gone", "item"),
        ("with a as (select 1) insert into item select * from a", "item"),
        ("copy item to stdout", "reads"), ("select 1", "reads"), ("show all", "reads"),
        ("select job()", "unknown"), ("execute job(1)", "unknown"), ("do $$ begin end $$", "unknown"),
        ("call job()", "unknown"), ("discard all", "unknown"), ("commit", "unknown"), ("", "unknown"),
        ("insert into elsewhere values (1)", "unknown"), ("update 'cut off", "unknown"),
        ("with a as (select 1) select * from a", "unknown"), ("<insufficient privilege>", "unknown"),
    ])
    func `the text of a statement says what it writes to`(text: String, wanted: String) {
        let odd = QualifiedName(schema: "public", name: "Odd Name")
        let effect = StatementEffect([Self.item, odd]).of(text)
        let found =
            switch effect {
            case .writes(let table): table.name.text
            case .reads: "reads"
            case .unknown: "unknown"
            }
        #expect(found == wanted)
    }
}
