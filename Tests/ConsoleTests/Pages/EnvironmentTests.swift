import Console
import Engine
import Support
import Testing

/// What the databases are for, in every place where one could be taken for another.
@Suite struct EnvironmentTests {
    @Test func `the bar and every question say that the databases are for production`() {
        var migration = FakeMigration.streaming()
        migration.status.environment = .production
        var hands = Hands(migration)
        #expect(hands.screen()[0].hasPrefix(" PROD orders  SOURCE "), "\(hands.screen()[0])")
        var canvas = Canvas(rows: 24, columns: 80)
        render(hands.state, hands.data, onto: &canvas)
        #expect(canvas.row(0).allSatisfy { [.envProd, .directionForward].contains($0.token) })
        hands.press(.character("7"), .character("P"))
        #expect(hands.shows("┌ PROD "), "\(hands.screen())")
    }

    @Test func `it is an answer of the first page, and is stored with the others`() {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        var hands = Hands(migration)
        for _ in 0..<40 where hands.state.form?.focusedField?.id != "environment" { hands.press(.tab) }
        hands.press(.right, .right, .right, .tab)
        #expect(hands.control.state.forms.environment == .production)
        hands.refresh()
        #expect(hands.screen()[0].hasPrefix(" PROD "), "\(hands.screen())")
    }

    @Test func `without an answer the bar is as it was`() {
        let hands = Hands(.streaming())
        #expect(hands.screen()[0].hasPrefix(" orders  SOURCE "))
    }
}
