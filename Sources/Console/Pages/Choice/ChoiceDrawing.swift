import Engine
import Records

extension TableSelection {
    /// How much is chosen, as the first line of the page.
    var summary: PageLine {
        let words =
            "\(chosen.count) of \(counted(choosable, "table")) chosen, about \(counted(Int(rows), "row")), "
            + "\(Console.bytes(bytes)) of \(Console.bytes(bytesOfAll))"
        return PageLine(words, chosen.isEmpty ? .statusError : .textStrong)
    }

    /// Lines about the choice; more of them would leave the tables too little room.
    private static let warningsMax = 2

    /// What needs a look about the choice, the worst first; a line in any case.
    var warnings: [PageLine] {
        guard !tables.isEmpty else { return [PageLine("")] }
        var lines: [PageLine] = []
        if chosen.isEmpty {
            lines.append(PageLine("✗ No table is chosen, so nothing would be migrated.", .statusError))
        }
        if let first = unmatched.first {
            let more = unmatched.count > 1 ? " and \(unmatched.count - 1) more" : ""
            lines.append(PageLine("✗ \(first)\(more) in the first list names no table.", .statusError))
        }
        let troubled = troubled
        if let first = troubled.first {
            lines.append(
                PageLine(
                    "✗ \(counted(troubled.count, "chosen table")) cannot be streamed as it is: \(first.name) "
                        + "(Enter says why)", .statusError))
        }
        if let first = keysOut.first {
            lines.append(
                PageLine(
                    "! \(counted(keysOut.count, "foreign key")) out of the choice: \(first.child) refers to "
                        + "\(first.parent)", .statusWarn))
        }
        return lines.isEmpty
            ? [PageLine("✓ Every foreign key of a chosen table refers to a chosen table.", .statusOK)]
            : Array(lines.prefix(Self.warningsMax))
    }

    /// The tables that a table refers to and that are not chosen.
    func parentsOut(_ table: OfferedTable) -> [QualifiedName] {
        keysOut.filter { $0.child == table.name }.map(\.parent)
    }

    /// The mark before a table.
    fileprivate func mark(_ table: OfferedTable) -> String {
        table.canBeChosen ? chosen.contains(table.name) ? "[x]" : "[ ]" : " - "
    }

    fileprivate func token(_ table: OfferedTable, isKeyOut: Bool) -> Token {
        guard chosen.contains(table.name) else { return .textMuted }
        return table.problem != nil ? .statusError : isKeyOut ? .statusWarn : .text
    }
}

extension OfferedTable {
    /// What identifies its rows, or why it cannot be streamed.
    fileprivate func note(_ parentsOut: [QualifiedName]) -> String {
        if let problem { return "✗ \(problem)" }
        if let parent = parentsOut.first {
            return "! without \(parent.schema == name.schema ? "\(parent.name)" : "\(parent)")"
        }
        return identity + (partitions > 0 ? ", \(counted(partitions, "partition"))" : "")
    }

    /// The page about this table.
    func details(_ selection: TableSelection) -> DetailsPage {
        let isChosen = selection.chosen.contains(name)
        let out = selection.parentsOut(self)
        let children = selection.tables.filter { $0.parents.contains(name) }
        var lines = [
            PageLine("\(name)", .textStrong), PageLine(isChosen ? "It is chosen." : "It is not chosen."),
            PageLine("Rows, by estimate: \(integer(rowsEstimate))"),
            PageLine("Size, by estimate: \(bytes(bytesEstimate))"),
            PageLine("Identified by: \(identity.isEmpty ? unknown : identity)"),
        ]
        if partitions > 0 {
            lines.append(PageLine("Partitions: \(partitions), which are migrated with it"))
        }
        if let problem {
            lines.append(
                PageLine(
                    (canBeChosen ? "It cannot be streamed as it is: " : "It cannot be migrated: ") + problem,
                    .statusError))
        }
        for parent in parents {
            let isOut = out.contains(parent)
            lines.append(
                PageLine(
                    "Refers to \(parent)" + (isOut ? ", which is NOT chosen" : ""),
                    isOut ? .statusWarn : .text))
        }
        for child in children { lines.append(PageLine("Referred to by \(child.name)")) }
        return DetailsPage(title: "Table", lines: lines, sql: name.quoted)
    }
}

extension Canvas {
    /// Draws the tables that are offered. Only those in view become text: there may be thousands.
    mutating func drawOffers(
        _ rows: [Int], _ selection: TableSelection, _ arrangement: ChoiceArrangement, _ scroll: Scroll?,
        in area: Rectangle
    ) {
        guard area.rows > 1 else { return }
        guard !rows.isEmpty else {
            let words = selection.tables.isEmpty ? "No table is known." : "No table matches the filter."
            write(words, row: area.row, column: area.column + 1, token: .textMuted)
            return
        }
        // Every column of a wide screen gets its part of the room.
        let room = area.columns - (numbersLines ? 6 : 3) - 4 - 12 - 11
        let name = max(24, room / 2)
        let headings = [
            TableColumn("", 3, .left), TableColumn("TABLE", name, .left), TableColumn("ROWS", 11),
            TableColumn("SIZE", 10), TableColumn("IDENTITY", max(10, room - name - 1), .left),
        ]
        let out = Dictionary(grouping: selection.keysOut, by: \.child)
        table(
            columns: headings, count: rows.count, scroll: scroll, in: area,
            marked: arrangement.list.marked(ChoiceArrangement.orders, in: headings),
            descending: arrangement.list.descending
        ) { index in
            let table = selection.tables[rows[index]]
            let parents = (out[table.name] ?? []).map(\.parent)
            return TableRow(
                [
                    selection.mark(table), table.name.description,
                    table.canBeChosen ? integer(table.rowsEstimate) : unknown,
                    table.canBeChosen ? bytes(table.bytesEstimate) : unknown, table.note(parents),
                ], token: selection.token(table, isKeyOut: !parents.isEmpty))
        }
    }
}
