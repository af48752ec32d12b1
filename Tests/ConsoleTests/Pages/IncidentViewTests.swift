import Console
import Engine
import Records
import Support
import Testing

@Suite struct IncidentViewTests {
    private func migration() -> FakeMigration {
        var migration = FakeMigration.streaming()
        migration.incidents = [
            Incident(
                leg: 1, direction: .forward, table: "public.item", operation: .update,
                key: [Incident.KeyColumn(column: "id", value: "7")], commitLSN: LogPosition(number: 0x10),
                change: 3,
                sqlState: "", constraint: nil, reason: "the row it changes is not there",
                at: 1_700_000_000, handling: .stashed)
        ]
        migration.worker = 4711
        migration.status.tables[0].incidents = [.forward: IncidentCounts(stashed: 1)]
        return migration
    }

    @Test func `an incident is shown with its table, key, reason and handling`() {
        var hands = Hands(migration())
        hands.press(.character("!"))
        #expect(hands.shows("stashed"))
        hands.press(.character("i"))
        hands.refresh()
        #expect(hands.shows("policy: stop"))
        #expect(hands.shows("id=7") && hands.shows("stashed"))
        #expect(hands.shows("update of public.item, id=7: the row it changes is not there. Change 3"))
        hands.press(.character("2"))
        hands.refresh()
        #expect(hands.shows("! stashed"))
    }

    @Test(arguments: [
        (LegStart.snapshot, true), (.files, true), (.position, false), (nil as LegStart?, false),
    ])
    func `a table without its rows is being copied only in a leg that imports rows`(
        start: LegStart?, isCopied: Bool
    ) {
        var migration = FakeMigration.streaming()
        migration.status.legStart = start
        migration.status.tables[0].snapshotIsDone = false
        var hands = Hands(migration)
        hands.press(.character("2"))
        #expect(hands.shows("▶ copy") == isCopied)
    }

    @Test func `the policy changes after a question, and not in a read-only console`() {
        var hands = Hands(migration())
        hands.press(.character("i"), .character("P"), .enter)
        #expect(hands.shows("Cancelled; nothing was changed."))
        #expect(hands.control.state.records.isEmpty)
        hands.press(.character("P"), .tab, .enter)
        #expect(
            hands.control.state.records.last?.request == .setErrorPolicy(IncidentRules(policy: .stash)))
        #expect(hands.shows("Asked: error policy: stash"))
        var watching = Hands(migration(), readOnly: true)
        watching.press(.character("i"), .character("P"), .tab, .enter)
        #expect(watching.control.state.records.isEmpty)
    }

    @Test
    func
        `a table set aside shows the reason, is retried by one key, and is excluded only by typing its name`()
    {
        var migration = migration()
        migration.status.tables[0].note = TableNote(
            word: .setAside, reason: "the source has a new column note (text)",
            remedy: "alter table customer add column note text", since: 1)
        var hands = Hands(migration)
        hands.press(.character("!"))
        #expect(hands.shows("The changes of public.custom"))
        hands.press(.character("2"))
        #expect(hands.shows("✗ aside"))
        #expect(hands.shows("To mend it: alter table"))
        hands.press(.character("t"))
        #expect(hands.control.state.records.last?.request == .retryTable("public.customer"))
        hands.press(.character("X"))
        hands.type("public.customer")
        hands.press(.tab, .enter)
        #expect(hands.control.state.records.last?.request == .excludeTable("public.customer"))
        hands.press(.down, .character("t"))
        #expect(hands.shows("is applied like any other"))
    }
}
