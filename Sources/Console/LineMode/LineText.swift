/// The text of a page for people who read lines and not screens: what the page draws, without borders, with a
/// number before each line that can be chosen.
enum LineText {
    /// Rows that a page gets: enough for a long list without scrolling.
    private static let rows = 400
    /// Columns that a page gets: enough that it cuts nothing off.
    static let columns = 600

    private static let borders = Set<Character>("│┌┐└┘├┤┬┴┼")

    /// Returns the lines of the page in view.
    static func lines(of state: ConsoleState, _ data: ConsoleData) -> [String] {
        var canvas = Canvas(rows: rows, columns: columns)
        canvas.numbersLines = true
        state.page.draw(data, on: &canvas, in: canvas.area)
        return canvas.lines().map(plain).filter { !$0.isEmpty }
    }

    /// Returns a line without its borders; a rule with a title becomes the title.
    static func plain(_ line: String) -> String {
        let isRule = line.contains("──")
        let text = String(line.map { borders.contains($0) ? " " : $0 })
        // Columns of a wide page are far apart.
        guard isRule else { return trimmed(text.replacing(/[ ]{3,}/, with: "  ")) }
        let title = trimmed(text.replacing(/─+/, with: " "))
        return title.isEmpty ? "" : "\(title):"
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        while text.first == " " { text.removeFirst() }
        return String(text)
    }
}
