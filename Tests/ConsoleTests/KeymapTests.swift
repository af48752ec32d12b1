import Console
import Testing

@Suite struct KeymapTests {
    @Test func `every command has exactly one row`() {
        for command in KeyCommand.allCases {
            #expect(Keymap.bindings.count { $0.command == command } == 1, "\(command)")
        }
    }

    @Test(arguments: KeyContext.allCases)
    func `no key means two things in one place`(context: KeyContext) {
        let keys = Keymap.bindings(in: context).flatMap(\.keys)
        #expect(Set(keys).count == keys.count)
    }

    @Test func `every row has a text for the help page`() {
        #expect(Keymap.bindings.allSatisfy { !$0.help.isEmpty && !$0.shown.isEmpty && !$0.keys.isEmpty })
    }

    @Test(arguments: KeyContext.allCases)
    func `the help page has room for every key on the smallest terminal`(context: KeyContext) {
        // Bars, borders and the heading of a column take eight rows; a text has 23 columns.
        let rows = rowsMin - 8
        let bindings = Keymap.bindings(in: context)
        for column in [bindings.filter { $0.contexts.isEmpty }, bindings.filter { !$0.contexts.isEmpty }] {
            #expect(column.reduce(0) { $0 + wrapped($1.help, to: 23).count } <= rows)
        }
    }

    @Test func `the keys of actions that cannot be undone are capitals with one meaning`() {
        #expect(Keymap.binding(for: .character("A"), in: .dashboard)?.command == .abortCutover)
        #expect(Keymap.binding(for: .character("A"), in: .guide)?.command == .abortCutover)
        #expect(Keymap.binding(for: .character("R"), in: .log)?.command == .release)
    }
}
