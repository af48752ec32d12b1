import Engine

extension WorkProgress {
    /// How far it is, in one line: `index build on the target 12 of 63 objects, 3/s, 17s left: item_v_idx`.
    package func words(at now: Double) -> String {
        figures(at: now) + (detail.isEmpty ? "" : ": \(detail)")
    }

    /// The same in that many columns: what is at work is left out if hardly a word of it would be seen.
    fileprivate func words(at now: Double, columns: Int) -> String {
        let figures = figures(at: now)
        return textWidth(figures) + detailColumnsMin > columns ? figures : words(at: now)
    }

    private func figures(at now: Double) -> String {
        let of = total.map { " of \($0)" } ?? ""
        let rate = perSecond.map { ", \(decimal($0, places: $0 < 10 ? 1 : 0))/s" } ?? ""
        let left = secondsLeft(at: now).map { ", \(duration($0.rounded(.up))) left" } ?? ""
        return "\(kind.words) on the \(side.rawValue) \(done)\(of) \(unit.rawValue)\(rate)\(left)"
    }
}

private let detailColumnsMin = 8

extension WorkProgress.Kind {
    package var words: String {
        switch self {
        case .schemaImport: "schema import"
        case .indexBuild: "index build"
        case .snapshotExport: "snapshot export"
        case .snapshotImport: "snapshot import"
        case .constraintValidation: "foreign keys"
        case .verification: "comparison"
        }
    }
}

extension Canvas {
    /// Draws the long work that is under way, a row for each piece with its share as a bar; returns the area
    /// below.
    mutating func draw(_ work: [WorkProgress], at now: Double, in area: Rectangle) -> Rectangle {
        var row = area.row
        // On a narrow screen the words need the room.
        let barColumns = area.columns < 100 ? 5 : 12
        for piece in work where row < area.endRow {
            bar(Bar(share: piece.share), row: row, column: area.column + 1, columns: barColumns)
            let room = area.columns - barColumns - 3
            write(
                piece.words(at: now, columns: room), row: row, column: area.column + barColumns + 2,
                token: .statusWaiting, limit: room)
            row += 1
        }
        return Rectangle(
            row: row, column: area.column, rows: max(0, area.endRow - row), columns: area.columns)
    }
}
