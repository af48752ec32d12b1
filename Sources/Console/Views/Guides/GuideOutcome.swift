import Engine
import Records

extension Guide {
    /// The number of lines in the page's list, for the keys that move in it.
    package func lineCount(_ data: ConsoleData) -> Int {
        switch step {
        case .ask: 0
        case .check: kind.cutoverSide == nil ? 0 : data.gates(of: self).count
        case .plan: data.inquiry?.plan.count ?? 0
        case .act: kind.cutoverSide == nil ? progressLines(data).count : 0
        case .result: resultList(data).count
        }
    }

    /// The request's progress so far; during the snapshot also the rows of each table.
    func progressLines(_ data: ConsoleData) -> [PageLine] {
        var lines = (ownRecord(data)?.lines ?? []).map { PageLine($0) }
        if let status = data.status, case .startLiveMigration = asked {
            lines += status.tables.map { table in
                let share =
                    table.rowsEstimate > 0 ? Double(table.importedRows) / Double(table.rowsEstimate) : 0
                let bar = gauge(table.snapshotIsDone ? 1 : min(0.99, share), columns: 20)
                let words =
                    table.snapshotIsDone ? "✓ done" : "\(table.importedRows) of about \(table.rowsEstimate)"
                return PageLine(
                    "\(bar) \(table.name)  \(words)", table.snapshotIsDone ? .statusOK : .statusWaiting)
            }
        }
        return lines
    }

    func ownRecord(_ data: ConsoleData) -> RequestRecord? {
        data.record.flatMap { $0.id == requestID ? $0 : nil }
    }

    /// The request's findings if it has any, else its lines.
    func resultList(_ data: ConsoleData) -> [PageLine] {
        guard let record = ownRecord(data) else { return [] }
        if !record.checks.isEmpty {
            return record.checks.map {
                let found = $0.found.isEmpty ? "" : "  is \($0.found)"
                let wanted = $0.wanted.isEmpty ? "" : "  wants \($0.wanted)"
                return PageLine(
                    "\($0.state.mark) \($0.side.rawValue) \($0.name)\(found)\(wanted)", $0.state.token)
            }
        }
        if !record.issues.isEmpty {
            return record.issues.map {
                PageLine(
                    "\($0.state.mark) \($0.objectType) \($0.object)  \(oneLine($0.reason))",
                    $0.state.token)
            }
        }
        return progressLines(data)
    }

    /// Details of the chosen line of the result.
    func resultDetail(_ data: ConsoleData) -> [PageLine] {
        guard let record = ownRecord(data) else { return [] }
        if record.checks.indices.contains(scroll.selected) {
            let check = record.checks[scroll.selected]
            let wanted = check.wanted.isEmpty ? "" : ", wanted: \(check.wanted)"
            return [PageLine("found: \(check.found)\(wanted)")]
                + (check.remedy.isEmpty ? [] : [PageLine("remedy: \(check.remedy)", .statusWarn)])
        }
        if record.issues.indices.contains(scroll.selected) {
            let issue = record.issues[scroll.selected]
            return [
                PageLine(oneLine(issue.reason)), PageLine("do: \(oneLine(issue.suggestion))", .statusWarn),
            ]
                + (issue.file.isEmpty ? [] : [PageLine("file: \(issue.place)", .textMuted)])
        }
        return []
    }
}

extension Canvas {
    mutating func drawProgress(_ guide: Guide, _ data: ConsoleData, in area: Rectangle) {
        if let side = guide.kind.cutoverSide {
            drawCutover(to: side, guide, data, in: area)
            return
        }
        let record = guide.ownRecord(data)
        let title = guide.asked?.title ?? guide.kind.rawValue
        let state = record?.state ?? .waiting
        let since = duration(max(0, data.now - (record?.askedAt ?? guide.askedAt)).rounded(.down))
        let head = [
            PageLine(""),
            PageLine("\(state.mark) \(title): \(state.rawValue), asked \(since) ago", state.token),
            record == nil ? PageLine("Starting the worker, or waiting for it.", .textMuted) : PageLine(""),
        ]
        var scroll = guide.scroll
        let lines = guide.progressLines(data)
        if scroll.selected == 0, record?.lines.isEmpty == false { scroll.selected = lines.count - 1 }
        drawPage(
            head: head, list: lines, scroll: scroll,
            foot: PageLine("Esc leaves this page; the work continues.", .textMuted), in: area)
    }

    mutating func drawResult(_ guide: Guide, _ data: ConsoleData, in area: Rectangle) {
        if let refusal = guide.refusal {
            let head =
                [
                    PageLine(""),
                    PageLine("✗ \(guide.asked?.title ?? guide.kind.rawValue): not done", .statusError),
                ]
                + wrapped(refusal, to: area.columns - 4).map { PageLine($0) }
            drawPage(
                head: head, list: [], scroll: nil,
                foot: PageLine("Enter or Esc goes back to the questions.", .textStrong), in: area)
            return
        }
        let record = guide.ownRecord(data)
        let failed = record?.state == .failed || record?.state == .refused
        if let side = guide.kind.cutoverSide, !failed {
            drawCutover(to: side, guide, data, in: area)
            return
        }
        let state = record?.state ?? .waiting
        var head = [PageLine("\(state.mark) \(guide.asked?.title ?? ""): \(state.rawValue)", state.token)]
        head += wrapped(record?.answer ?? "", to: area.columns - 4).prefix(4).map { PageLine($0) }
        let detail = guide.resultDetail(data).flatMap { line in
            wrapped(line.text, to: area.columns - 4).prefix(3).map { PageLine($0, line.token) }
        }
        let split = area.split(top: area.rows - detail.count - 2)
        drawPage(
            head: head, list: guide.resultList(data), scroll: guide.scroll, foot: PageLine(""),
            in: Rectangle(
                row: split.top.row, column: area.column, rows: split.top.rows + 1, columns: area.columns))
        if !detail.isEmpty {
            write(
                String(repeating: "─", count: area.columns - 2), row: split.top.endRow,
                column: area.column + 1, token: .border)
        }
        for (offset, line) in detail.enumerated() {
            write(line.text, row: split.top.endRow + 1 + offset, column: area.column + 1, token: line.token)
        }
        write(
            guide.resultFoot(data), row: area.endRow - 1, column: area.column + 1, token: .textStrong,
            limit: area.columns - 2)
    }
}

extension Guide {
    fileprivate func resultFoot(_ data: ConsoleData) -> String {
        guard ownRecord(data)?.state == .done else {
            return "r repeats it. Enter or Esc goes back to the questions."
        }
        switch kind {
        case .prepare:
            return (ownRecord(data)?.checks ?? []).contains { $0.state == .failure }
                ? "Mend what failed first. r checks again. Enter goes back."
                : "Enter continues with the schema. r checks again."
        case .schema: return "Enter continues with the next step. r repeats this one."
        case .liveMigration:
            return asked?.title == Request.startLiveMigration(jobs: 1).title
                ? "Enter offers the indexes and triggers." : "Enter goes to the dashboard."
        case .cutoverToTarget, .cutoverToSource, .end: return "Enter goes to the dashboard."
        }
    }
}
