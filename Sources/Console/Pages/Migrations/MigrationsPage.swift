import Engine

/// The page that lists the migrations below the current directory and the recent ones, and begins another.
package struct MigrationsPage: Page {
    package var id: PageID { .migrations }
    private var list = ListChoice()

    package init() {}

    package var reads: Reads {
        var reads = Reads()
        reads.migrations = true
        return reads
    }

    package var takesText: Bool { list.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        list.type(key) ? [] : nil
    }

    private static let orders: [ListOrder<MigrationSummary>] = [
        ListOrder("nearby first"), ListOrder("NAME", by: { $0.name }),
        ListOrder("PHASE", by: { $0.phase.flatMap { Phase.allCases.firstIndex(of: $0) } ?? -1 }),
        ListOrder("WORKER", by: { $0.workerIsAlive ? 0 : 1 }),
        ListOrder("CHANGED", by: { -($0.changedAt ?? 0) }),
    ]

    // MARK: The list

    /// An entry of the list.
    private enum Entry {
        case migration(MigrationSummary)
        /// No migration has begun in the current directory: one can begin there.
        case begin(directory: String)
    }

    private func entries(_ data: ConsoleData) -> [Entry] {
        let shown = list.arranged(data.migrations, by: Self.orders) { "\($0.name) \($0.directory)" }
        let directory = data.workingDirectory
        let hasBegun = directory.isEmpty || data.migrations.contains { $0.directory == directory }
        return shown.map(Entry.migration) + (hasBegun || data.readOnly ? [] : [.begin(directory: directory)])
    }

    private func chosen(_ data: ConsoleData) -> Entry? {
        let entries = entries(data)
        let index = list.scroll.selected
        return entries.indices.contains(index) ? entries[index] : nil
    }

    package func copied(_ data: ConsoleData) -> String? {
        switch chosen(data) {
        case .migration(let migration): migration.directory
        case .begin(let directory): directory
        case nil: nil
        }
    }

    // MARK: Keys

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command), .back: return nil
        case .open:
            guard case .migration(let migration) = chosen(data) else {
                return chosen(data) == nil ? "There is no migration on this line." : nil
            }
            return migration.phase == nil ? "\(migration.directory) cannot be read." : nil
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if list.perform(command, count: entries(data).count, orders: Self.orders.count) { return [] }
        switch command {
        case .back:
            if !list.hasFilter { return data.status == nil ? [] : [.show(.dashboard)] }
            list.clearFilter()
        case .open: return open(data)
        default: break
        }
        return []
    }

    private func open(_ data: ConsoleData) -> [Action] {
        switch chosen(data) {
        case .migration(let migration):
            let isShown = migration.directory == data.status?.exportDirectory
            return [isShown ? .show(.dashboard) : .openMigration(migration.directory)]
        case .begin(let directory):
            return [
                .ask(
                    .question(
                        Question(
                            title: "BEGIN A MIGRATION",
                            lines: [
                                "The directory \(directory) becomes the export directory of a new migration: "
                                    + "folders and a journal are made in it.",
                                "No database is touched. To undo it, delete them.",
                            ], go: "Begin"), then: .openMigration(directory)))
            ]
        case nil: return []
        }
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        list.scroll.clamp(count: entries(data).count)
        return []
    }

    // MARK: Drawing

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(
            area, title: "Migrations \(data.migrations.count)\(list.remark(Self.orders))",
            token: .borderFocus)
        let inner = area.inner
        let footRows = 3
        let wide = inner.columns >= 116
        let places = wide ? 52 : 30
        let columns = [
            TableColumn("NAME", max(14, inner.columns - 44 - places), .left),
            TableColumn("PHASE", 18, .left), TableColumn("WORKER", 8, .left), TableColumn("CHANGED", 9),
            TableColumn("SOURCE → TARGET", places, .left),
        ]
        let upper = Rectangle(
            row: inner.row, column: inner.column, rows: inner.rows - footRows, columns: inner.columns)
        canvas.table(
            columns: columns, rows: entries(data).map { row($0, data, places: places) }, scroll: list.scroll,
            in: upper, marked: list.marked(Self.orders, in: columns), descending: list.descending)
        canvas.rule(row: upper.endRow, in: inner, title: data.migrationsLeftOut ?? "")
        let foot = Rectangle(
            row: upper.endRow + 1, column: inner.column, rows: footRows - 1, columns: inner.columns)
        canvas.lines(footLines(data), in: foot)
    }

    private func row(_ entry: Entry, _ data: ConsoleData, places: Int) -> TableRow {
        switch entry {
        case .begin: return TableRow(["+ begin here", "", "", "", ""], token: .textMuted)
        case .migration(let migration):
            let isShown = migration.directory == data.status?.exportDirectory
            let (word, token): (String, Token) =
                migration.phase.map {
                    (($0 == .ended ? "✓ " : migration.isPaused ? "‖ " : "▶ ") + $0.word, .text)
                } ?? ("✗ unreadable", .statusError)
            let room = (places - 3) / 2
            let ends = [migration.sourcePlace, migration.targetPlace].map {
                shortenedPlace($0 ?? unknown, to: room)
            }
            return TableRow(
                [
                    (isShown ? "● " : "") + (migration.environment.map { $0.word + " " } ?? "")
                        + migration.name, word,
                    migration.workerIsAlive ? "✓ runs" : "· none",
                    migration.changedAt.map { duration(max(0, data.now - $0).rounded(.down)) } ?? unknown,
                    ends.joined(separator: " → "),
                ], token: token)
        }
    }

    private func footLines(_ data: ConsoleData) -> [PageLine] {
        switch chosen(data) {
        case .migration(let migration):
            [
                PageLine(migration.directory, .textStrong),
                migration.trouble.map { PageLine("It cannot be read: \($0)", .statusError) }
                    ?? PageLine("Enter opens it. The others continue by themselves.", .textMuted),
            ]
        case .begin(let directory):
            [
                PageLine(directory, .textStrong),
                PageLine("Enter asks, and then begins a migration in this directory.", .textMuted),
            ]
        case nil: [PageLine("No migration here.", .textMuted)]
        }
    }
}
