/// A picture of a canvas as two files: the text alone, and the text with the theme's colours for `cat` and
/// `less -R`.
package struct Screenshot {
    /// The paths of the files.
    package struct Paths: Equatable, Sendable {
        package let text: String
        package let colours: String

        package init(text: String, colours: String) {
            self.text = text
            self.colours = colours
        }
    }

    private let canvas: Canvas
    private let theme: Theme
    private let depth: ColourDepth

    package init(of canvas: Canvas, theme: Theme, depth: ColourDepth) {
        self.canvas = canvas
        self.theme = theme
        self.depth = depth
    }

    /// Writes both files to the folder `screens` of the state directory. Their name comes from the page's
    /// name and the time: `dashboard-20251128-083005.txt`. `moment` is in seconds since 1970.
    package func write(page: String, moment: Double, utcOffset: Int, to stateDirectory: String)
        throws(StateFileError) -> Paths
    {
        let folder = StateFolder(stateDirectory + "/screens")
        let name = Screenshot.fileName(page: page, moment: moment, utcOffset: utcOffset)
        return Paths(
            text: try folder.write(text, to: name + ".txt"),
            colours: try folder.write(colouredText, to: name + ".ansi"))
    }

    /// The lines without trailing spaces.
    package var text: String {
        (0..<canvas.rows).map { row in
            var line = canvas.row(row).map { shown($0) }.joined()
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// The lines in full width. Each starts and ends in the terminal's own colours, so that a part of the
    /// file can be shown as well.
    package var colouredText: String {
        var result = ""
        for row in 0..<canvas.rows {
            var current = ""
            for cell in canvas.row(row) where cell.width > 0 {
                let style = sequence(for: theme.paint(cell.token, onPanel: cell.onPanel))
                if style != current {
                    result += "\u{1B}[0m" + style
                    current = style
                }
                result += shown(cell)
            }
            result += "\u{1B}[0m\n"
        }
        return result
    }

    /// Returns the name of the files, without an ending. What a file's name should not have becomes `-`.
    static func fileName(page: String, moment: Double, utcOffset: Int) -> String {
        let plain = page.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let name = String(plain).split(separator: "-").joined(separator: "-")
        return (name.isEmpty ? "screen" : name) + "-" + calendarTime(moment, utcOffset: utcOffset)
    }

    private func shown(_ cell: Cell) -> String { shownText(of: cell, symbols: canvas.symbols, isUTF8: true) }

    private func sequence(for paint: Paint) -> String {
        var numbers: [String] = []
        let names: [(Attributes, String)] = [
            (.bold, "1"), (.dim, "2"), (.italic, "3"), (.underline, "4"), (.reverse, "7"),
        ]
        for (attribute, number) in names where paint.attributes.contains(attribute) { numbers.append(number) }
        if let colour = paint.foreground { numbers += self.numbers(of: colour, isBackground: false) }
        if let colour = paint.background { numbers += self.numbers(of: colour, isBackground: true) }
        return numbers.isEmpty ? "" : "\u{1B}[" + numbers.joined(separator: ";") + "m"
    }

    private func numbers(of colour: Colour, isBackground: Bool) -> [String] {
        func named(_ index: Int16) -> [String] {
            if index < 0 { return [] }
            let base = index < 8 ? (isBackground ? 40 : 30) : (isBackground ? 92 : 82)
            return [String(base + Int(index))]
        }
        let start = isBackground ? "48" : "38"
        switch depth {
        case .none: return []
        case .eight, .sixteen: return named(colour.c16)
        case .truecolor, .direct:
            if colour.rgb >= 0 {
                let parts = [colour.rgb >> 16 & 0xFF, colour.rgb >> 8 & 0xFF, colour.rgb & 0xFF]
                return [start, "2"] + parts.map(String.init)
            }
            fallthrough
        case .indexed256:
            return colour.c256 < 16 ? named(colour.c256) : [start, "5", String(colour.c256)]
        }
    }
}

/// Returns a moment as `20251128-083005`, in the zone with that offset.
func calendarTime(_ moment: Double, utcOffset: Int) -> String {
    let seconds = Int(moment.rounded(.down)) + utcOffset
    let day = (seconds - ((seconds % 86400) + 86400) % 86400) / 86400
    // Howard Hinnant's algorithm for the civil calendar; its eras have 400 years and begin in March.
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let time = clock(moment, utcOffset: utcOffset).filter { $0 != ":" }
    return "\(year)\(two(month))\(two(dayOfMonth))-\(time)"
}
