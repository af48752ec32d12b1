import Engine

extension WorkProgress {
    /// How far it is, in one line: `index build on the target 12 of 63 objects, 3/s, 17s left: item_v_idx`.
    package func words(at now: Double) -> String {
        let of = total.map { " of \($0)" } ?? ""
        let rate = perSecond.map { ", \(decimal($0, places: $0 < 10 ? 1 : 0))/s" } ?? ""
        let left = secondsLeft(at: now).map { ", \(duration($0.rounded(.up))) left" } ?? ""
        return "\(kind.words) on the \(side.rawValue) \(done)\(of) \(unit.rawValue)\(rate)\(left)"
            + (detail.isEmpty ? "" : ": \(detail)")
    }
}

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
        for piece in work where row < area.endRow {
            bar(Bar(share: piece.share), row: row, column: area.column + 1, columns: workBarColumns)
            write(
                piece.words(at: now), row: row, column: area.column + workBarColumns + 2,
                token: .statusWaiting, limit: area.columns - workBarColumns - 3)
            row += 1
        }
        return Rectangle(
            row: row, column: area.column, rows: max(0, area.endRow - row), columns: area.columns)
    }
}

private let workBarColumns = 12
