import Testing

@testable import Console

@Suite struct TrueColourTests {
    /// What xterm-256color chooses an index with.
    private func sequence(_ index: Int16, _ ofBackground: Bool) -> [UInt8]? {
        Array("\u{1B}[\(ofBackground ? 48 : 38);5;\(index)m".utf8)
    }

    private func translated(_ colours: TrueColours, _ frame: String) -> String {
        String(decoding: colours.translated(Array(frame.utf8)), as: UTF8.self)
    }

    @Test func `an index in a frame becomes the colour it stands for`() {
        var colours = TrueColours(sequence: sequence)
        #expect(colours.index(of: 0x46AD94) == 16)
        #expect(colours.index(of: 0x101418) == 17)
        #expect(colours.index(of: 0x46AD94) == 16)
        let frame =
            "a\u{1B}[38;5;16mb\u{1B}[48;5;17mc\u{1B}[38;5;17m\u{1B}[39;49m\u{1B}[38;5;18m\u{1B}[2J✓\u{1B}["
        #expect(
            translated(colours, frame)
                == "a\u{1B}[38;2;70;173;148mb\u{1B}[48;2;16;20;24mc\u{1B}[38;2;16;20;24m\u{1B}[39;49m"
                + "\u{1B}[38;5;18m\u{1B}[2J✓\u{1B}[")
    }

    @Test func `there are 240 colours, and then none`() {
        var colours = TrueColours(sequence: sequence)
        for number in 0..<240 { #expect(colours.index(of: Int32(number)) == Int16(16 + number)) }
        #expect(colours.index(of: 1000) == nil)
        #expect(colours.index(of: 7) == 23)
    }

    @Test func `a terminal that chooses colours in another form keeps its indexes`() {
        var colours = TrueColours { _, _ in Array("\u{1B}]color".utf8) }
        #expect(colours.index(of: 0x46AD94) == nil)
        var none = TrueColours { _, _ in nil }
        #expect(none.index(of: 0x46AD94) == nil)
    }
}

@Suite struct CellStyleTests {
    private let colour = Colour(rgb: 0x123456, c256: 77, c16: 10)

    private func style(_ depth: ColourDepth, _ colour: Colour) -> CellStyles.Style {
        let theme = Theme(
            name: "test", title: "", paints: [.statusOK: Paint(foreground: colour, attributes: [.italic])])
        var styles = CellStyles(theme: theme, depth: depth) { Array("\u{1B}[\($1 ? 48 : 38);5;\($0)m".utf8) }
        return styles.style(of: .statusOK, onPanel: false)
    }

    @Test func `a colour is shown in the form of the depth`() {
        #expect(
            style(.indexed256, colour)
                == CellStyles.Style(attributes: [.italic], foreground: 77, background: -1))
        #expect(style(.sixteen, colour).foreground == 10)
        #expect(style(.truecolor, colour).foreground == 16)
        #expect(style(.direct, colour).foreground == 0x123456)
        #expect(
            style(.eight, colour)
                == CellStyles.Style(attributes: [.italic, .bold], foreground: 2, background: -1))
    }

    @Test func `without colours the tokens have the attributes of mono`() {
        let mono = Theme.mono.paint(.statusOK).attributes
        #expect(style(.none, colour) == CellStyles.Style(attributes: mono, foreground: -1, background: -1))
    }

    @Test func `the darkest blues are not taken for named colours on a direct terminal`() {
        #expect(style(.direct, Colour(rgb: 3, c256: 16, c16: 0)).foreground == 8)
        #expect(style(.direct, .named(.brightred)).foreground == 1)
        #expect(style(.direct, .named(.brightred)).attributes.contains(.bold))
    }

    @Test(arguments: [
        ("\u{1B}[?1049l$<5>", "\u{1B}[?1049l"), ("\u{1B}[m$<2/>\u{F}", "\u{1B}[m\u{F}"), ("a$<1.5*>b", "ab"),
        ("$x", "$x"),
    ])
    func `pauses of slow lines are no part of a capability`(capability: String, wanted: String) {
        #expect(CursesTerminal.withoutPauses(capability) == wanted)
    }
}
