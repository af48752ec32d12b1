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

    @Test func `every row has its words for the help page`() {
        #expect(Keymap.bindings.allSatisfy { !$0.help.isEmpty && !$0.shown.isEmpty && !$0.keys.isEmpty })
    }

    @Test func `the one-way keys are capitals with one meaning`() {
        #expect(Keymap.binding(for: .character("A"), in: .dashboard)?.command == .abortCutover)
        #expect(Keymap.binding(for: .character("A"), in: .guide)?.command == .abortCutover)
        #expect(Keymap.binding(for: .character("R"), in: .log)?.command == .release)
    }
}
