import Engine

extension Canvas {
    /// Draws the incidents with the handling of each; below them the chosen one in full.
    mutating func drawIncidents(
        _ incidents: [Incident], _ list: ListChoice, _ data: ConsoleData, in area: Rectangle
    ) {
        let orders = IncidentsPage.orders
        let rules = data.status?.incidentRules ?? IncidentRules()
        let counts = data.status?.incidents(data.direction) ?? .zero
        box(
            area,
            title: "Incidents\(list.remark(orders))  policy: \(rules.policy)  stashed \(counts.stashed) "
                + "of at most \(rules.incidentsMax)")
        let inner = area.inner
        guard !incidents.isEmpty else {
            write(
                data.incidents.isEmpty ? "No incidents." : "No incident matches the filter.",
                row: inner.row, column: inner.column + 1, token: .textMuted)
            return
        }
        var scroll = list.scroll
        scroll.clamp(count: incidents.count)
        let chosen = incidents[scroll.selected]
        let detail = wrapped(chosen.words, to: inner.columns - 2).prefix(4)
        let listRows = inner.rows - detail.count - 1
        let fixed = [
            TableColumn("TIME", 8, .left), TableColumn("WHAT", 6, .left), TableColumn("HANDLING", 8, .left),
        ]
        let width = max(20, inner.columns - 3 - 5 - fixed.reduce(0) { $0 + $1.columns })
        let columns =
            [
                fixed[0], TableColumn("TABLE", width / 3, .left), fixed[1],
                TableColumn("KEY", width / 5, .left),
            ]
            + [TableColumn("REASON", width - width / 3 - width / 5, .left), fixed[2]]
        let rows = incidents.map { incident in
            TableRow(
                [
                    clock(incident.at, utcOffset: data.utcOffset), incident.table.description,
                    incident.operation.rawValue, incident.keyText, incident.reason,
                    incident.handling.description,
                ], token: incident.token)
        }
        table(
            columns: columns, rows: rows, scroll: scroll,
            in: Rectangle(row: inner.row, column: inner.column, rows: listRows, columns: inner.columns),
            marked: list.marked(orders, in: columns), descending: list.descending)
        write(
            String(repeating: "─", count: inner.columns), row: inner.row + listRows, column: inner.column,
            token: .border)
        for (offset, line) in detail.enumerated() {
            write(line, row: inner.row + listRows + 1 + offset, column: inner.column + 1)
        }
    }
}

extension Incident {
    /// The incident as a sentence.
    var words: String {
        let row = key.isEmpty ? "a row without a key" : keyText
        return
            "\(operation.rawValue) of \(table), \(row): \(reason). Change \(change) of the transaction at "
            + "\(commitLSN), \(direction.rawValue); \(handling)."
    }

    fileprivate var token: Token {
        switch handling {
        case .stopped: .statusError
        case .stashed: .statusWarn
        case .mended: .textMuted
        }
    }
}
