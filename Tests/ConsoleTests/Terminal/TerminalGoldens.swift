import Foundation
import Support
import Testing

/// Canvases as a terminal shows them: the text, and the cells that are not plain. `GOLDEN_UPDATE=1` writes
/// the files; then read the diff.
@Suite struct TerminalGoldens {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Screens/terminals")

    /// The terminals, by the names of the files.
    private static let environments: [String: [String: String]] = [
        "truecolor": ["COLORTERM": "truecolor", "PROBE_THEME": "dark"],
        "256": ["PROBE_THEME": "dark"],
        "16": ["TERM": "sixteen", "PROBE_THEME": "dark"],
        "direct": ["TERM": "direct", "PROBE_THEME": "dark"],
        "8": ["TERM": "xterm", "PROBE_THEME": "dark"],
        "own-colours": [:],
        "none": ["NO_COLOR": "1", "PROBE_THEME": "dark"],
        "ascii": ["LC_ALL": "C", "TERM": "unrepeated"],
        "blocks": ["PROBE_GRAPHS": "block"],
        "ascii-symbols": ["PROBE_SYMBOLS": "ascii", "TERM": "unrepeated"],
    ]

    /// Types that are not part of every system.
    private static let types = #"""
        sixteen|xterm with 16 colours,
            colors#16, pairs#0x100,
            setab=\E[%?%p1%{8}%<%t%p1%{40}%+%e%p1%{92}%+%;%dm,
            setaf=\E[%?%p1%{8}%<%t%p1%{30}%+%e%p1%{82}%+%;%dm, use=xterm-256color,
        direct|xterm whose colours are 24 bits,
            RGB, colors#0x1000000, pairs#0x10000,
            setab=\E[%?%p1%{8}%<%t4%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
            setaf=\E[%?%p1%{8}%<%t3%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
            use=xterm-256color,
        unrepeated|xterm as libvterm is: it wraps too early after a repeated character,
            rep@, use=xterm-256color,

        """#

    @Test(arguments: [
        ("tokens", "truecolor"), ("tokens", "256"), ("tokens", "16"), ("tokens", "direct"), ("tokens", "8"),
        ("tokens", "own-colours"), ("tokens", "none"), ("tokens", "ascii"), ("graphs", "own-colours"),
        ("graphs", "blocks"), ("graphs", "ascii"), ("graphs", "ascii-symbols"), ("names", "own-colours"),
        ("names", "ascii"),
    ])
    func `a terminal shows the canvas`(canvas: String, terminal: String) throws {
        let folder = try Folder()
        var environment = TerminalGoldens.environments[terminal] ?? [:]
        environment["PROBE_THEMES"] = themesDirectory
        if let type = environment["TERM"], type != "xterm" {
            try folder.write(TerminalGoldens.types, to: "types.ti")
            try run("/usr/bin/tic", "-x", "-o", folder.path + "/terminfo", folder.path + "/types.ti")
            environment["TERMINFO_DIRS"] = folder.path + "/terminfo:"
        }
        let probe = try canvasProbe(canvas, in: folder, environment)
        let text = (probe.screen() + [""] + probe.styles()).joined(separator: "\n") + "\n"
        let file = TerminalGoldens.directory.appending(path: "\(canvas)-\(terminal).txt")
        if ProcessInfo.processInfo.environment["GOLDEN_UPDATE"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let wanted = try String(contentsOf: file, encoding: .utf8)
        #expect(text == wanted, "\(canvas) on \(terminal): it is now\n\(text)")
    }

    @Test func `hostile and joined characters leave every column where it belongs`() throws {
        let probe = try canvasProbe("names", in: try Folder())
        for row in 0..<19 { #expect(probe.character(row: row, column: 40) == "|", "row \(row)") }
        let received = String(decoding: probe.received, as: UTF8.self)
        for hostile in ["\u{1B}[2Jname", "\u{9B}", "\u{202E}", "\u{200D}", "\u{FE0F}", "\u{1F3FD}"] {
            #expect(!received.unicodeScalars.contains(hostile.unicodeScalars))
        }
    }

    private func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
