import Engine
import Records

/// The sessions that write on the origin of the next cutover: those with an open write transaction, which a
/// fence waits for, and those that have written lately.
package struct SessionsPage: Page {
    package var id: PageID { .sessions }
    private var list = ListChoice()

    package init() {}

    package var takesText: Bool { list.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        list.type(key) ? [] : nil
    }

    private static let orders: [ListOrder<OpenWriter>] = [
        ListOrder("as found"), ListOrder("PID", by: { Int($0.processID) ?? 0 }),
        ListOrder("USER", by: { $0.user }), ListOrder("APPLICATION", by: { $0.application }),
        ListOrder("STATE", by: { $0.state ?? "" }), ListOrder("AGE", by: { $0.ageSeconds ?? 0 }),
        ListOrder("TABLES", by: { $0.tables ?? "" }),
    ]

    private func writers(_ data: ConsoleData) -> [OpenWriter] {
        list.arranged(data.status?.writers?.all ?? [], by: Self.orders) { writer in
            [writer.processID, writer.user, writer.application, writer.state ?? "", writer.tables ?? ""]
                .joined(separator: " ")
        }
    }

    private func chosen(_ data: ConsoleData) -> (writer: OpenWriter, side: Side)? {
        let writers = writers(data)
        guard let side = data.status?.writers?.side, writers.indices.contains(list.scroll.selected) else {
            return nil
        }
        return (writers[list.scroll.selected], side)
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command): return nil
        case .open, .endSession:
            guard let (writer, side) = chosen(data) else { return "No session is in the way." }
            return SessionEnd(writer, on: side, mode: .terminate) == nil
                ? "\(writer.words) cannot be ended from here: \(writer.handRemedy)." : nil
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if list.perform(command, count: writers(data).count, orders: Self.orders.count) { return [] }
        guard let (writer, side) = chosen(data), let status = data.status else { return [] }
        let mode: SessionEnd.Mode = command == .endSession ? .terminate : .cancel
        return Dialog.end(writer, on: side, mode, status).map { [.ask($0)] } ?? []
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        list.scroll.clamp(count: writers(data).count)
        return []
    }

    package func copied(_ data: ConsoleData) -> String? {
        chosen(data).map {
            $0.writer.processID == "0"
                ? "rollback prepared '\($0.writer.application.replacing("'", with: "''"))'"
                : "select pg_terminate_backend(\($0.writer.processID))"
        }
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        let writers = writers(data)
        let side = data.status?.writers?.side.rawValue ?? "origin"
        let total = data.status?.writers?.all.count ?? 0
        canvas.box(
            area, title: "Sessions that write on the \(side): \(total)\(list.remark(Self.orders))",
            token: .borderFocus)
        let inner = area.inner
        guard data.status?.writers != nil else {
            canvas.lines(
                wrapped(
                    [
                        PageLine(
                            "They were not read lately: the export reads them while it runs.", .textMuted)
                    ], to: inner.columns - 2), in: inner)
            return
        }
        let wide = max(12, inner.columns - 62)
        let columns = [
            TableColumn("PID", 8), TableColumn("USER", 12, .left), TableColumn("APPLICATION", 14, .left),
            TableColumn("STATE", 12, .left), TableColumn("AGE", 8), TableColumn("TABLES", wide, .left),
        ]
        canvas.table(
            columns: columns,
            rows: writers.map { writer in
                let isPrepared = writer.processID == "0"
                return TableRow([
                    isPrepared ? "prepared" : writer.processID, writer.user, writer.application,
                    writer.state ?? unknown,
                    writer.ageSeconds.map { duration(Double($0)) }
                        ?? (writer.wroteAt == nil ? unknown : "over"),
                    writer.tables ?? unknown,
                ])
            }, scroll: list.scroll, in: inner.split(top: inner.rows - 1).top,
            marked: list.marked(Self.orders, in: columns), descending: list.descending)
        canvas.write(
            total == 0
                ? "✓ Nobody writes to a migrated table."
                : "T ends the session and rolls back. Enter cancels its statement alone. Both ask.",
            row: inner.endRow - 1, column: inner.column + 1, token: .textMuted, limit: inner.columns - 2)
    }
}

extension OpenWriter {
    /// How to end it by hand.
    fileprivate var handRemedy: String {
        processID == "0"
            ? "roll the prepared transaction back by hand (y copies the SQL)"
            : "its beginning is not visible to this role (y copies the SQL)"
    }
}

extension Dialog {
    /// The question before a session of somebody else is ended; nil if it cannot be ended from here.
    static func end(_ writer: OpenWriter, on side: Side, _ mode: SessionEnd.Mode, _ status: MigrationStatus)
        -> Dialog?
    {
        guard let end = SessionEnd(writer, on: side, mode: mode) else { return nil }
        let effect =
            switch mode {
            case .cancel:
                "Its present statement is cancelled. A transaction that waits for its client stays open."
            case .terminate: "Its transaction is rolled back, and its application gets an error."
            }
        return .question(
            Question(
                title: (mode == .cancel ? "CANCEL THE STATEMENT OF " : "END ") + writer.words,
                lines: [
                    "On the \(side.rawValue.uppercased()) \(status.place(of: side)): \(writer.description)",
                    effect, "This CANNOT be undone.",
                ], go: mode == .cancel ? "Cancel it" : "End it"), then: .leave(.endSession(end)))
    }
}
