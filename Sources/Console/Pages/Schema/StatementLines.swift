import Records

extension ReviewedFinding {
    /// The statement in lines of that many columns at most, with numbers of the file's lines, and a line that
    /// marks the place of the finding. `mark` is the index of that line.
    func statementLines(columns: Int) -> (lines: [PageLine], mark: Int) {
        let all = shown(statement.text).split(separator: "\n", omittingEmptySubsequences: false)
        let before = shown(statement.before).split(separator: "\n", omittingEmptySubsequences: false)
        let isNumbered = statement.firstLine > 0
        let digits = isNumbered ? String(statement.firstLine + all.count - 1).count : 0
        let room = max(10, columns - digits - (isNumbered ? 3 : 0))
        func gutter(_ number: Int?) -> String {
            guard isNumbered else { return "" }
            let text = number.map(String.init) ?? ""
            return String(repeating: " ", count: digits - text.count) + text + " │ "
        }
        let shift = before.last.map { textWidth(String($0)) } ?? 0
        var lines: [PageLine] = []
        var mark = 0
        for (offset, line) in all.enumerated() {
            let isMarked = offset == before.count - 1
            for (piece, text) in pieces(of: String(line), columns: room).enumerated() {
                let number = piece == 0 ? statement.firstLine + offset : nil
                lines.append(
                    PageLine(gutter(number) + text, isMarked ? .textStrong : .text, isVerbatim: true))
                let column = shift - piece * room
                guard isMarked, column >= 0, column < room else { continue }
                let width = min(max(1, textWidth(shown(statement.mark))), room - column)
                mark = lines.count
                lines.append(
                    PageLine(
                        gutter(nil) + String(repeating: " ", count: column)
                            + String(repeating: "^", count: width), issue.state.markToken, isVerbatim: true))
            }
        }
        return (lines, mark)
    }

    /// The lines around the place of the finding that fit.
    func statementLines(columns: Int, rows: Int) -> [PageLine] {
        let (lines, mark) = statementLines(columns: columns)
        guard lines.count > rows, rows > 0 else { return Array(lines.prefix(max(0, rows))) }
        // The marked line and its mark are both in view.
        let first = min(max(0, mark - max(1, rows / 2)), lines.count - rows)
        return Array(lines[first..<first + rows])
    }
}

/// Returns a statement with spaces in place of tabs, and without carriage returns.
private func shown(_ text: String) -> String {
    text.replacing("\r\n", with: "\n").replacing("\t", with: "    ")
}

extension ReviewedFinding {
    /// The change that mends it, line by line, each cut into pieces of that many columns.
    func diffLines(columns: Int) -> [PageLine] {
        diff.flatMap { line in
            let token: Token =
                switch line.first {
                case "-": .diffRemove
                case "+": .diffAdd
                default: .textMuted
                }
            return pieces(of: shown(line), columns: columns).map { PageLine($0, token, isVerbatim: true) }
        }
    }
}

/// Cuts a line into pieces of that many columns; a wide character at an edge begins the next piece.
private func pieces(of line: String, columns: Int) -> [String] {
    var pieces: [String] = []
    var (piece, used) = ("", 0)
    for character in line {
        let width = textWidth(String(character))
        if used + width > columns {
            pieces.append(piece)
            (piece, used) = ("", 0)
        }
        piece.append(character)
        used += width
    }
    return pieces + [piece]
}
