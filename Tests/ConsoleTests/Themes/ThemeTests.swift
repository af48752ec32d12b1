import Console
import Foundation
import Testing

/// Theme files, good and bad.
@Suite struct ThemeTests {
    private let base = """
        version: 1
        name: x
        title: X
        extends: terminal

        """

    @Test func `the built-in themes paint every token`() {
        for theme in Theme.builtIn { #expect(Set(theme.paints.keys) == Set(Token.allCases)) }
    }

    @Test func `a missing theme is replaced by the built-in one, with the reason`() {
        let missing = ThemeSearch(directories: ["/nonexistent"]).theme(named: "dusk")
        #expect(missing.theme == .terminal)
        #expect(missing.warning == "theme dusk is not used: dusk.yaml: not found in /nonexistent")
    }

    @Test(arguments: [
        (
            "palette: { ok: { rgb: \"#57c785\", c256: 78, c16: reed } }", "palette.ok.c16",
            "reed is none of the 16 names, nor default"
        ),
        (
            "palette: { ok: { rgb: \"57c785\", c256: 78, c16: red } }", "palette.ok.rgb",
            "57c785 is no colour like #57c785"
        ),
        (
            "palette: { ok: { rgb: \"#+7c785\", c256: 78, c16: red } }", "palette.ok.rgb",
            "#+7c785 is no colour like #57c785"
        ),
        (
            "palette: { ok: { rgb: \"#57c785\", c256: 256, c16: red } }", "palette.ok.c256",
            "256 is not within 0 and 255"
        ),
        ("palette: { ok: { rgb: \"#57c785\" } }", "palette.ok.c16", "is missing"),
        ("tokens: { text: { fg: $ok } }", "tokens.text.fg", "$ok is not in the palette"),
        ("tokens: { text: { attrs: [blink] } }", "tokens.text.attrs", "there is no attribute blink"),
        ("tokens: { env.sky: {} }", "tokens.env.sky", "there is no such token"),
        ("symbols: emoji", "symbols", "emoji is none of auto, unicode, ascii"),
        ("graph: dots", "graph", "dots is none of auto, braille, block, ascii"),
        ("appearance: dim", "appearance", "dim is none of dark, light, any"),
    ]) func `an invalid value is reported with its place, and does not stop the start`(
        line: String, place: String, reason: String
    ) throws {
        #expect(throws: ThemeError(place: place, reason: reason)) {
            try ThemeFile.theme(from: base + line) { _ in .terminal }
        }
        let folder = try Folder()
        try folder.write(base + line, to: "x.yaml")
        let found = ThemeSearch(directories: [folder.path]).theme(named: "x")
        #expect(found.theme == .terminal)
        #expect(found.warning == "theme x is not used: \(place): \(reason)")
        #expect(ThemeSearch(directories: [folder.path]).list().last?.fault == "\(place): \(reason)")
    }

    @Test(arguments: ["", "{", "version: two", "[1, 2]", "version: 1\nname: [x]", "\u{0}\u{1}"])
    func `a file that is no theme does not stop the start`(text: String) throws {
        let folder = try Folder()
        try folder.write(text, to: "x.yaml")
        let found = ThemeSearch(directories: [folder.path]).theme(named: "x")
        #expect(found.theme == .terminal)
        let warning = try #require(found.warning)
        #expect(warning.hasPrefix("theme x is not used: "))
        #expect(!warning.contains("\n"))
    }

    @Test func `a theme that extends nothing names each token it lacks`() {
        let text = "version: 1\nname: x\ntitle: X\ntokens: { text: {} }"
        let missing = Token.allCases.filter { $0 != .text }.map(\.rawValue).joined(separator: ", ")
        #expect(throws: ThemeError(place: "tokens", reason: "missing: \(missing)")) {
            try ThemeFile.theme(from: text) { _ in .terminal }
        }
    }

    @Test func `a theme may override another one, and what it does not say stays`() throws {
        let text = """
            palette: { hot: { rgb: "#ff0000", c256: 196, c16: red } }
            tokens: { status.ok: { fg: $hot, attrs: [bold] } }
            symbols: ascii
            """
        let theme = try ThemeFile.theme(from: base + text) { _ in .mono }
        #expect(theme.name == "x")
        #expect(theme.paints[.statusOK]?.foreground?.c256 == 196)
        #expect(theme.paints[.statusError] == Theme.mono.paints[.statusError])
        #expect(theme.symbols == .ascii)
        #expect(theme.graphs == .auto)
    }

    @Test func `themes that extend each other are refused`() throws {
        let folder = try Folder()
        try folder.write("version: 1\nname: a\ntitle: A\nextends: b\n", to: "a.yaml")
        try folder.write("version: 1\nname: b\ntitle: B\nextends: a\n", to: "b.yaml")
        let found = ThemeSearch(directories: [folder.path]).theme(named: "a")
        #expect(found.theme == .terminal)
        #expect(found.warning == "theme a is not used: extends: a extends itself")
    }

    @Test func `a name with a slash reads no file outside of the directories`() throws {
        let folder = try Folder()
        try folder.write(base, to: "x.yaml")
        let found = ThemeSearch(directories: [folder.path + "/below"]).theme(named: "../x")
        #expect(found.theme == .terminal)
        #expect(found.warning?.contains("not found") == true)
    }

    @Test func `the operator's own theme goes before a shipped one of that name`() throws {
        let folder = try Folder()
        try folder.write(base.replacing("name: x", with: "name: dark"), to: "dark.yaml")
        let found = ThemeSearch(directories: [folder.path, themesDirectory]).theme(named: "dark")
        #expect(found.warning == nil)
        #expect(found.theme.title == "X")
    }

    @Test func `the flag goes before the environment, and that before the settings`() {
        let environment = ["SWITCHBACK_THEME": "light"]
        #expect(ThemeSearch.name(flag: "dark", environment: environment, settings: "mono") == "dark")
        #expect(ThemeSearch.name(flag: nil, environment: environment, settings: "mono") == "light")
        #expect(
            ThemeSearch.name(flag: nil, environment: ["SWITCHBACK_THEME": ""], settings: "mono") == "mono")
        #expect(ThemeSearch.name(flag: nil, environment: [:], settings: nil) == nil)
    }

    @Test func `what a token leaves open comes from the text, and from the ground it stands on`() {
        let (dark, grey) = (Colour(rgb: 0, c256: 16, c16: 0), Colour(rgb: 0x222222, c256: 235, c16: 0))
        var theme = Theme.mono
        theme.paints[.background] = Paint(background: dark)
        theme.paints[.panel] = Paint(background: grey)
        theme.paints[.text] = Paint(foreground: .named(.white))
        #expect(theme.paint(.keyLabel) == Paint(foreground: .named(.white), background: dark))
        #expect(theme.paint(.keyLabel, onPanel: true) == Paint(foreground: .named(.white), background: grey))
        theme.paints[.keyLabel] = Paint(background: .named(.red))
        #expect(theme.paint(.keyLabel, onPanel: true).background == .named(.red))
    }
}
