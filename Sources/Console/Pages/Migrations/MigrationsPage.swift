import Engine

/// The page that names the migration of this console and how another one is opened.
package struct MigrationsPage: Page {
    package var id: PageID { .migrations }

    package init() {}

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        "\(command.rawValue) does nothing on this page."
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] { [] }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Migrations", token: .borderFocus)
        let status = data.status
        canvas.lines(
            [
                PageLine("This console shows \(status?.name ?? unknown).", .textStrong),
                PageLine("Its export directory is \(status?.exportDirectory ?? unknown)."),
                PageLine("Another one: leave with q, and run switchback --export-dir DIRECTORY.", .textMuted),
            ], in: area.inner)
    }
}
