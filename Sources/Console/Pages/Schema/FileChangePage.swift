import Engine
import Records

/// The mechanical change that mends a finding, as a diff, before it is made. It can be made for all findings
/// of the rule.
package struct FileChangePage: Page {
    package var id: PageID { .fileChange }
    private let finding: ReviewedFinding
    /// The findings of the rule that have a change, this one among them.
    private let ofRule: [ReviewedFinding]
    private var isForRule = false
    private var scroll = Scroll()
    private var watch = RequestWatch()

    package init(_ finding: ReviewedFinding, _ review: SchemaReview) {
        self.finding = finding
        ofRule = review.analysis.findings.filter { $0.issue.rule == finding.issue.rule && !$0.diff.isEmpty }
    }

    package var reads: Reads {
        var reads = Reads(record: watch.id)
        reads.schemaReview = true
        return reads
    }

    private var changed: [ReviewedFinding] { isForRule ? ofRule : [finding] }

    private var request: Request {
        .fixFindings(changed.map { ShownFix(finding: $0.name, diff: $0.diff) })
    }

    private var lines: [PageLine] {
        changed.flatMap { $0.diffLines(columns: DetailsPage.columnsOfVerbatim) }
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open: nil
        case .choose: ofRule.count > 1 ? nil : "The rule has no other finding with such a change."
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if let movement = Scroll.Movement(command) { scroll.move(movement, count: lines.count) }
        switch command {
        case .choose:
            isForRule.toggle()
            scroll = Scroll()
        case .open where !watch.isUnderWay(data):
            let files = Set(changed.map(\.issue.file)).sorted()
            return [
                .ask(
                    .question(
                        Question(
                            title: "CHANGE THE FILES",
                            lines: [
                                "\(counted(changed.count, "statement")) of \(files.listed(max: 3)) "
                                    + "\(changed.count == 1 ? "is" : "are") changed as the diff shows.",
                                "All else in the files stays as it is. No database is touched.",
                            ], go: "Change"), then: .leave(request)))
            ]
        default: break
        }
        return []
    }

    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool {
        guard case .fixFindings = reply.request else { return false }
        watch.take(reply)
        return true
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        guard let record = data.record, record.id == watch.id, record.state == .done else { return [] }
        return [.pop, .notice(Notice(.info, "Mended: \(record.answer)."))]
    }

    package func copied(_ data: ConsoleData) -> String? { changed.flatMap(\.diff).joined(separator: "\n") }

    /// Why the change was not made.
    private func failure(_ data: ConsoleData) -> String? {
        if let refusal = watch.refusal { return refusal }
        guard let record = data.record, record.id == watch.id else { return nil }
        switch record.state {
        case .failed, .refused: return record.answer
        case .waiting, .running, .done: return nil
        }
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        let scope = isForRule ? "all \(ofRule.count) of \(finding.issue.rule)" : "\(finding.name)"
        canvas.box(area, title: "Change that mends \(scope)", token: .borderFocus)
        let inner = area.inner
        let split = inner.split(top: inner.rows - 3)
        canvas.list(lines, scroll: scroll, in: split.top)
        canvas.rule(row: split.rest.row, in: inner)
        let foot: [PageLine]
        if let failure = failure(data) {
            foot = wrapped([PageLine("✗ \(failure)", .statusError)], to: inner.columns - 2, rowsMax: 2)
        } else if watch.isUnderWay(data) {
            foot = [PageLine("▶ under way", .statusWaiting)]
        } else {
            let other = isForRule ? "this finding alone" : "all \(ofRule.count) of the rule"
            foot = [
                PageLine("Enter asks, and then changes the files and analyzes them again."),
                PageLine((ofRule.count > 1 ? "Space: \(other). " : "") + "Esc goes back.", .textMuted),
            ]
        }
        canvas.lines(foot, in: split.rest.split(top: 1).rest)
    }
}
