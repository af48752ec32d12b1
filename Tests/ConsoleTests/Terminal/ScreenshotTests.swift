import Console
import Foundation
import Support
import Testing

@Suite struct ScreenshotTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func canvas(_ symbols: Symbols = .unicode) -> Canvas {
        var canvas = Canvas(rows: 2, columns: 8, symbols: symbols)
        canvas.write("✓ 订单", row: 0, column: 0, token: .statusOK)
        canvas.write("x", row: 1, column: 1)
        return canvas
    }

    @Test func `both files have the page and the time in their names`() throws {
        let shot = Screenshot(of: canvas(), theme: .terminal, depth: .indexed256)
        let paths = try shot.write(
            page: "Live Tables/2", moment: 1_764_318_605, utcOffset: 3600, to: folder.path + "/state")
        let start = folder.path + "/state/screens/live-tables-2-20251128-093005"
        #expect(paths == Screenshot.Paths(text: start + ".txt", colours: start + ".ansi"))
        #expect(try String(contentsOfFile: paths.text, encoding: .utf8) == "✓ 订单\n x\n")
        #expect(
            try String(contentsOfFile: paths.colours, encoding: .utf8)
                == "\u{1B}[0m\u{1B}[32m✓ 订单\u{1B}[0m  \u{1B}[0m\n x      \u{1B}[0m\n")
    }

    @Test func `the colours are the theme's in the terminal's depth`() throws {
        let theme = try ThemeSearch(directories: [themesDirectory]).read("dark").theme.get()
        func start(_ depth: ColourDepth) -> String {
            String(Screenshot(of: canvas(), theme: theme, depth: depth).colouredText.prefix { $0 != "✓" })
        }
        #expect(start(.truecolor) == "\u{1B}[0m\u{1B}[38;2;70;173;148;48;2;16;20;24m")
        #expect(start(.indexed256) == "\u{1B}[0m\u{1B}[38;5;36;48;5;233m")
        #expect(start(.sixteen) == "\u{1B}[0m\u{1B}[32m")
        #expect(start(.none) == "")
    }

    @Test func `marks in ASCII are so in the files, and names stay as they are`() {
        let shot = Screenshot(of: canvas(.ascii), theme: .terminal, depth: .none)
        #expect(shot.text == "+ 订单\n x\n")
    }

    @Test(arguments: [
        (0.0, "19700101-000000"), (951_782_400.0, "20000229-000000"), (1_709_164_799.0, "20240228-235959"),
        (1_709_164_800.0, "20240229-000000"), (4_102_444_799.5, "20991231-235959"), (-1.0, "19691231-235959"),
    ])
    func `the time is that of the calendar`(moment: Double, time: String) throws {
        let shot = Screenshot(of: canvas(), theme: .mono, depth: .none)
        let paths = try shot.write(page: "", moment: moment, utcOffset: 0, to: folder.path)
        #expect(paths.text == folder.path + "/screens/screen-\(time).txt")
    }

    @Test func `the probe's screen is in its file`() throws {
        let probe = try canvasProbe("tokens", in: folder)
        let screen = probe.screen().dropLast()
        probe.send("s")
        try probe.waitFor("/screens/tokens-19700101-000000.txt")
        let text = try String(
            contentsOfFile: folder.path + "/screens/tokens-19700101-000000.txt", encoding: .utf8)
        #expect(
            text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).prefix(23)
                == screen[...])
    }
}
