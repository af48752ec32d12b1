import Console
import Foundation
import Support
import Testing

/// Pages as they arrive at a terminal: its text, and for each run of characters the token that it was painted
/// with. `GOLDEN_UPDATE=1` writes the files; then read the diff.
///
/// A theme of the test gives each token a colour of its own, so the terminal's colours name the tokens.
@Suite struct PageGoldens {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Screens/terminals")

    /// The colour of the first token: those before it are the terminal's own.
    private static let firstColour = 16

    private static var theme: String {
        let tokens = Token.allCases.enumerated()
        let palette = tokens.map { index, _ in
            "  p\(index): { rgb: \"#8080\(String(firstColour + index, radix: 16))\", "
                + "c256: \(firstColour + index), c16: red }"
        }
        let lines = tokens.map { index, token in "  \(token.rawValue): { fg: $p\(index) }" }
        return
            (["version: 1", "name: each", "title: Each", "appearance: any", "extends: null", "palette:"]
            + palette + ["tokens:"] + lines + ["symbols: unicode", "graph: braille", ""])
            .joined(separator: "\n")
    }

    @Test(arguments: [
        ("away", 24, 80), ("fallback", 24, 80), ("dashboard", 36, 120), ("tables", 24, 80), ("log", 24, 80),
        ("alerts", 24, 80), ("incidents", 24, 80), ("sessions", 24, 80), ("checks", 24, 80),
        ("schema", 24, 80), ("gates", 24, 80), ("confirm", 24, 80), ("steps", 36, 120), ("help", 24, 80),
    ])
    func `a terminal shows the page in its colours`(page: String, rows: Int, columns: Int) throws {
        let folder = try Folder()
        try folder.write(Self.theme, to: "each.yaml")
        let probe = try canvasProbe(
            "page-" + page, in: folder, ["PROBE_THEMES": folder.path, "PROBE_THEME": "each"], rows: rows,
            columns: columns)
        let text = (probe.screen() + [""] + Self.tokens(probe)).joined(separator: "\n") + "\n"
        let file = Self.directory.appending(path: "page-\(page)-\(columns)x\(rows).txt")
        if ProcessInfo.processInfo.environment["GOLDEN_UPDATE"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let wanted = try String(contentsOf: file, encoding: .utf8)
        #expect(text == wanted, "\(page): the terminal shows now\n\(text)")
    }

    /// Returns the tokens of a terminal's characters: for each row the runs that are no plain text.
    private static func tokens(_ terminal: PseudoTerminal) -> [String] {
        (0..<terminal.rows).compactMap { row in
            var runs: [(first: Int, last: Int, token: String)] = []
            for column in 0..<terminal.columns {
                let character = terminal.character(row: row, column: column)
                // The right half of a wide character belongs to the left one, and a blank shows no colour.
                guard !character.isEmpty, character != " " else { continue }
                let colour = terminal.colour(row: row, column: column) ?? -1
                let index = colour - firstColour
                let token =
                    Token.allCases.indices.contains(index) ? Token.allCases[index].rawValue : "\(colour)"
                if token == Token.text.rawValue { continue }
                if let last = runs.last, last.token == token, column - last.last <= 2 {
                    runs[runs.count - 1].last = column
                } else {
                    runs.append((column, column, token))
                }
            }
            guard !runs.isEmpty else { return nil }
            return "\(row): " + runs.map { "\($0.first)-\($0.last) \($0.token)" }.joined(separator: ", ")
        }
    }
}
