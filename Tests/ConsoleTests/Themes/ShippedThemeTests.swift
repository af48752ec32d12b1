import Console
import Foundation
import Testing

/// The directory of the shipped themes, found from this file's path.
let themesDirectory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "themes").path()

/// The least difference (CIEDE2000) of two status colours, for all eyes. 1 is what is just noticed side by
/// side; 10 is told apart at a glance, and on different rows.
private let differenceMin = 10.0

@Suite struct ShippedThemeTests {
    static let names = ["terminal", "mono", "dark", "light", "high-contrast", "colorblind"]
    /// Those that set their own colours.
    static let coloured = ["dark", "light", "high-contrast", "colorblind"]

    static let statusTokens: [Token] = [
        .statusOK, .statusWarn, .statusError, .statusCritical, .statusInfo, .statusWaiting,
    ]

    private func theme(_ name: String) throws -> Theme {
        try ThemeSearch(directories: [themesDirectory]).read(name).theme.get()
    }

    @Test func `six themes are shipped, and all can be used`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: themesDirectory)
        #expect(Set(files) == Set(Self.names.map { $0 + ".yaml" }))
        let list = ThemeSearch(directories: [themesDirectory]).list()
        #expect(list.map(\.name) == ["terminal", "mono", "colorblind", "dark", "high-contrast", "light"])
        #expect(list.allSatisfy { $0.fault == nil && !$0.title.isEmpty })
    }

    @Test(arguments: names) func `a shipped theme paints every token itself`(name: String) throws {
        let text = try String(contentsOfFile: themesDirectory + "/\(name).yaml", encoding: .utf8)
        let theme = try ThemeFile.theme(from: text) { throw ThemeError(place: "extends", reason: $0) }
        #expect(theme.name == name)
        #expect(Set(theme.paints.keys) == Set(Token.allCases))
    }

    @Test func `the files of the built-in themes say what the program says`() throws {
        for theme in Theme.builtIn { #expect(try self.theme(theme.name) == theme) }
    }

    @Test(arguments: coloured) func `every text of a theme has enough contrast to its ground`(name: String)
        throws
    {
        let theme = try theme(name)
        let least = name == "high-contrast" ? 7 : 4.5
        for token in Token.allCases {
            for onPanel in [false, true] {
                let paint = theme.paint(token, onPanel: onPanel)
                let text = try #require(paint.foreground)
                let ground = try #require(paint.background)
                // A line behind something else need only be seen, as WCAG 2.1 has it for graphics.
                let wanted = token.isDecoration ? 3 : least
                #expect(contrast(text.rgb, ground.rgb) >= wanted, "\(name) \(token.rawValue)")
                let reduced = try (
                    #require(Colour.rgb(ofIndex: text.c256)), #require(Colour.rgb(ofIndex: ground.c256))
                )
                #expect(contrast(reduced.0, reduced.1) >= wanted, "\(name) \(token.rawValue), 256 colours")
            }
        }
    }

    @Test(arguments: coloured, Eyes.allCases)
    func `the status colours of a theme are told apart by all eyes`(name: String, eyes: Eyes) throws {
        let theme = try theme(name)
        for (index, one) in Self.statusTokens.enumerated() {
            for other in Self.statusTokens[(index + 1)...] {
                let (left, right) = (theme.paint(one), theme.paint(other))
                let forms: [(Colour) -> Int32?] = [{ $0.rgb }, { Colour.rgb(ofIndex: $0.c256) }]
                for form in forms {
                    func lab(_ colour: Colour?) throws -> Lab {
                        Lab(rgb: try #require(colour.flatMap(form)), seenBy: eyes)
                    }
                    // A critical status is told by its ground.
                    let difference = try max(
                        lab(left.foreground).difference(to: lab(right.foreground)),
                        lab(left.background).difference(to: lab(right.background)))
                    #expect(difference >= differenceMin, "\(name): \(one.rawValue), \(other.rawValue)")
                }
            }
        }
    }

    @Test(arguments: names) func `the status tokens of a theme differ on terminals with few colours`(
        name: String
    ) throws {
        let theme = try theme(name)
        for colours in [0, 8, 16] {
            let looks = Self.statusTokens.map { token in
                let paint = colours == 0 ? Theme.mono.paint(token) : theme.paint(token)
                let parts = [paint.foreground, paint.background].map { $0.map { Int($0.c16) } ?? -1 }
                let isBright = colours == 8 && parts[0] >= 8
                return [Int(paint.attributes.union(isBright ? .bold : []).rawValue)]
                    + parts.map { colours == 8 && $0 >= 8 ? $0 - 8 : $0 }
            }
            let pairs = looks.enumerated().filter { looks.firstIndex(of: $0.element) != $0.offset }
            // In the terminal's own colours an information is text.
            #expect(
                pairs.isEmpty, "\(name), \(colours) colours: \(pairs.map { Self.statusTokens[$0.offset] })")
        }
    }

    @Test(arguments: coloured) func `no text of a theme has the colour of its own ground`(name: String) throws
    {
        let theme = try theme(name)
        for token in Token.allCases where !token.isDecoration {
            let paint = theme.paint(token)
            guard let text = paint.foreground?.c16, let ground = paint.background?.c16 else { continue }
            // The terminal's own colours for both are a readable pair.
            #expect(text != ground || text == -1, "\(name) \(token.rawValue)")
            #expect(text < 0 || ground < 0 || text % 8 != ground % 8, "\(name) \(token.rawValue), 8 colours")
        }
    }

    @Test func `the difference of colours is that of the formula's published test data`() {
        // Of the table in Sharma, Wu and Dalal (2005).
        let pairs: [(Lab, Lab, Double)] = [
            (Lab(50, 2.6772, -79.7751), Lab(50, 0, -82.7485), 2.0425),
            (Lab(50, 2.5, 0), Lab(73, 25, -18), 27.1492),
            (Lab(22.7233, 20.0904, -46.6940), Lab(23.0331, 14.9730, -42.5619), 2.0373),
            (Lab(90.8027, -2.0831, 1.4410), Lab(91.1528, -1.6435, 0.0447), 1.4441),
        ]
        for (one, other, wanted) in pairs { #expect(abs(one.difference(to: other) - wanted) < 0.0001) }
    }
}
