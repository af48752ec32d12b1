import Engine
import Records

/// The page that lists the settings of the migration and of this console, and where each is changed.
package struct SettingsPage: Page {
    package var id: PageID { .settings }
    private var scroll = Scroll()

    package init() {}

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .back: nil
        case .open, .errorPolicy: data.status == nil ? "The settings are not known yet." : nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if let movement = Scroll.Movement(command) {
            scroll.move(movement, count: data.status.map { settings($0, data).count } ?? 0)
        }
        switch command {
        case .back: return [.show(.dashboard)]
        case .errorPolicy: return data.status.map { [.ask(.policy($0))] } ?? []
        case .open: return data.status.map { settings($0, data)[scroll.selected].actions } ?? []
        default: return []
        }
    }

    /// A setting, and what Enter does about it.
    private struct Setting {
        var name: String
        var value: String
        var actions: [Action]
    }

    private func settings(_ status: MigrationStatus, _ data: ConsoleData) -> [Setting] {
        let limits = status.diskLimits
        return [
            Setting(
                name: "incidents",
                value: "\(status.incidentRules.policy), at most \(status.incidentRules.incidentsMax)  (P)",
                actions: [.ask(.policy(status))]),
            Setting(
                name: "apply", value: status.channelsInWords ?? "one channel, transaction by transaction",
                actions: [.show(.live)]),
            Setting(
                name: "least free disk", value: DiskLimits.text(limits.freeBytesMin),
                actions: [.show(.live)]),
            Setting(
                name: "largest queue", value: limits.queueBytesMax.map(DiskLimits.text) ?? "no limit",
                actions: [.show(.live)]),
            Setting(
                name: "source", value: status.sourcePlace ?? unknown, actions: [.show(.connection)]),
            Setting(
                name: "target", value: status.targetPlace ?? unknown, actions: [.show(.connection)]),
            Setting(name: "export directory", value: status.exportDirectory, actions: []),
            Setting(name: "migration", value: status.migrationUUID, actions: []),
            Setting(
                name: "this console", value: data.readOnly ? "read-only" : "may change things", actions: []),
        ]
    }

    package func copied(_ data: ConsoleData) -> String? {
        data.status.map { settings($0, data)[scroll.selected].value }
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Settings", token: .borderFocus)
        let lines = data.status.map { status in
            settings(status, data).map { PageLine($0.name.padding(to: 20) + $0.value) }
        }
        canvas.list(
            lines ?? [PageLine("Not known yet.", .textMuted)], scroll: scroll, hasFocus: lines != nil,
            in: area.inner)
    }
}
