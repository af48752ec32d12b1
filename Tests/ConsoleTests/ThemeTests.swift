import Console
import Foundation
import Testing

/// The directory of the shipped themes, found from this file's path.
let themesDirectory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "themes").path()

@Suite struct ThemeTests {
    @Test(arguments: ["dark", "light"])
    func `a shipped theme has every token and enough contrast`(name: String) throws {
        let found = ThemeSearch(directories: [themesDirectory]).theme(named: name)
        #expect(found.warning == nil)
        #expect(found.theme.name == name)
        for token in Token.allCases {
            let paint = found.theme.paint(token)
            let text = try #require(paint.foreground)
            let ground = try #require(paint.background)
            #expect(contrast(text.rgb, ground.rgb) >= 4.5, "\(name) \(token.rawValue)")
        }
    }

    @Test(arguments: ["dark", "light"])
    func `the status colours of a shipped theme differ from each other`(name: String) {
        let theme = ThemeSearch(directories: [themesDirectory]).theme(named: name).theme
        let tokens: [Token] = [.statusOK, .statusWarn, .statusError, .statusInfo, .statusWaiting]
        #expect(Set(tokens.map { theme.paint($0).foreground?.rgb }).count == tokens.count)
    }

    @Test func `the built-in theme paints every token`() {
        #expect(Token.allCases.allSatisfy { Theme.terminal.paints[$0] != nil })
    }

    @Test func `a missing or invalid theme is replaced by the built-in one, with the reason`() {
        let missing = ThemeSearch(directories: ["/nonexistent"]).theme(named: "dusk")
        #expect(missing.theme == .terminal)
        #expect(missing.warning == "theme dusk is not used: dusk.yaml: not found in /nonexistent")
    }

    @Test
    func `a theme with a token of an earlier version is read, and one with an unknown token is refused`()
        throws
    {
        func theme(token: String) throws -> Theme {
            let text = """
                version: 1
                name: old
                title: Old
                extends: terminal
                palette: { hot: { rgb: "#ff0000", c256: 196, c16: red } }
                tokens: { status.ok: { fg: $hot }, \(token): { fg: $hot } }
                """
            return try ThemeFile.theme(from: text) { _ in .terminal }
        }
        for name in Token.formerNames {
            #expect(Token(rawValue: name) == nil)
            #expect(try theme(token: name).paints[.statusOK]?.foreground?.c256 == 196)
        }
        #expect(throws: ThemeError(place: "tokens.env.sky", reason: "there is no such token")) {
            try theme(token: "env.sky")
        }
    }

    @Test func `an invalid value is reported with its place`() {
        let text = """
            version: 1
            name: x
            title: X
            palette: { ok: { rgb: "#57c785", c256: 78, c16: reed } }
            tokens: {}
            """
        #expect(
            throws: ThemeError(place: "palette.ok.c16", reason: "reed is none of the 16 names, nor default")
        ) { try ThemeFile.theme(from: text) { _ in .terminal } }
    }

    @Test func `a theme may override another one`() throws {
        let text = """
            version: 1
            name: loud
            title: Loud
            extends: terminal
            palette: { hot: { rgb: "#ff0000", c256: 196, c16: red } }
            tokens: { status.ok: { fg: $hot, attrs: [bold] } }
            """
        let theme = try ThemeFile.theme(from: text) { _ in .terminal }
        #expect(theme.paints[.statusOK]?.foreground?.c256 == 196)
        #expect(theme.paints[.statusError] == Theme.terminal.paints[.statusError])
    }
}

/// Returns the contrast of two colours by the formula of WCAG 2.1.
private func contrast(_ left: Int32, _ right: Int32) -> Double {
    let (one, two) = (luminance(left), luminance(right))
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
}

private func luminance(_ rgb: Int32) -> Double {
    func part(_ shift: Int32) -> Double {
        let value = Double((rgb >> shift) & 0xFF) / 255
        return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
}
