import Console
import Testing

@Suite struct KeyFileTests {
    private func error(of text: String) throws -> String {
        let error = #expect(throws: KeyFileError.self) { try KeyFile(text).applied(to: .standard) }
        return "\(try #require(error))"
    }

    @Test func `a file gives other keys to commands, and leaves the rest`() throws {
        let keymap = try KeyFile("sort: b\ncopy: ['=', ^e]\n").applied(to: .standard)
        #expect(keymap[.sort]?.keys == [.character("b")])
        #expect(keymap[.copy]?.keys == [.character("="), .control("e")])
        #expect(keymap.binding(for: .character("b"), on: .tables)?.command == .sort)
        #expect(keymap[.quit] == Keymap.standard[.quit])
    }

    @Test func `an empty file changes nothing`() throws {
        #expect(try KeyFile("").applied(to: .standard) == .standard)
        #expect(try KeyFile("# nothing\n").applied(to: .standard) == .standard)
    }

    @Test func `a conflict is refused with the line that makes it`() throws {
        #expect(
            try error(of: "# mine\nzoom: b\nsort: /\n")
                == "line 3: / would be the key of filter and of sort on one page; "
                + "give one of them another key"
        )
    }

    @Test func `a word that is no command or no key is refused with its line`() throws {
        #expect(try error(of: "zoom: b\nzomo: c\n").hasPrefix("line 2: there is no command zomo"))
        #expect(try error(of: "zoom: [b, Hyper]\n").hasPrefix("line 1: Hyper is no key"))
        #expect(try error(of: "zoom: []\n") == "line 1: zoom needs a key at least")
        #expect(try error(of: "zoom: [b\n").contains("this is no YAML"))
        #expect(try error(of: "- b\n").contains("expected lines"))
    }

    @Test func `uppercase letters stay with the commands that ask`() throws {
        #expect(try error(of: "zoom: Z\n").contains("an uppercase letter is for"))
        #expect(try error(of: "abort-cutover: b\n").contains("needs an uppercase letter"))
        let keymap = try KeyFile("abort-cutover: B\n").applied(to: .standard)
        #expect(keymap[.abortCutover]?.keys == [.character("B")])
    }

    @Test func `every key of the standard keymap is read as its name says`() {
        for key in Keymap.standard.bindings.flatMap(\.keys) { #expect(KeyEvent(named: key.name) == key) }
    }

    @Test func `the table in Markdown has a row for every command`() {
        let rows = Keymap.standard.markdown.split(separator: "\n").dropFirst(2)
        #expect(rows.count == Command.allCases.count)
        #expect(rows.contains { $0.hasPrefix("| `A` | abort-cutover |") && $0.contains("asks first") })
    }
}
