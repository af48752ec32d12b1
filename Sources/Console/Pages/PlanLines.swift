import Engine
import Records

extension [PlanLine] {
    /// The plan as lines: number, side, statement.
    var lines: [PageLine] {
        enumerated().map { index, line in
            PageLine(
                "[\(index + 1)/\(count)] \(line.side?.rawValue.uppercased() ?? "here") "
                    + oneLine(line.action),
                line.undo == nil ? .statusWarn : .text)
        }
    }

    /// The heading of a plan.
    var title: String {
        guard !isEmpty else { return "It runs no statement on either database" }
        let oneWay = count { $0.undo == nil }
        return "What it will do: \(counted(count, "line"))" + (oneWay > 0 ? ", \(oneWay) without undo" : "")
    }
}

extension PlanLine {
    /// The page about this line.
    var details: DetailsPage {
        DetailsPage(
            title: "Plan",
            lines: [
                PageLine(side.map { "On the \($0.rawValue):" } ?? "In the export directory:", .textStrong),
                PageLine(action, .sqlKeyword), PageLine(""), PageLine("What takes it back:", .textStrong),
                PageLine(undo ?? "Nothing can.", undo == nil ? .statusWarn : .sqlKeyword),
            ], sql: action)
    }
}
