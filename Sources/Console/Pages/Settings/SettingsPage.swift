import Engine
import Records

/// The page that lists the settings of the migration and of this console. Enter leads to where
/// each is changed.
package struct SettingsPage: Page {
    package var id: PageID { .settings }
    private var scroll = Scroll()

    package init() {}

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .back, .edit: nil
        case .open: chosen(data).actions.isEmpty ? "Nothing changes this line." : nil
        case .errorPolicy: data.status == nil ? "The settings are not known yet." : nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if let movement = Scroll.Movement(command) {
            scroll.move(movement, count: settings(data).count)
        }
        switch command {
        case .back: return [.show(.dashboard)]
        case .errorPolicy: return data.status.map { [.ask(.policy($0))] } ?? []
        case .open: return chosen(data).actions
        case .edit: return [.edit(path: chosen(data).file ?? data.own.files.settings, line: 0)]
        default: return []
        }
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data).value }

    private func settings(_ data: ConsoleData) -> [Setting] {
        let ofMigration = data.status.map(Setting.ofMigration) ?? [Setting("not known yet", "")]
        return [.title("This migration")] + ofMigration + [.title("This console")] + Setting.ofConsole(data)
    }

    private func chosen(_ data: ConsoleData) -> Setting {
        let settings = settings(data)
        return settings[min(scroll.selected, settings.count - 1)]
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Settings", token: .borderFocus)
        let lines = settings(data).map { setting in
            setting.isTitle
                ? PageLine(setting.name, .panelTitle)
                : PageLine(
                    "  " + setting.name.padding(to: 18) + setting.value
                        + (setting.change.isEmpty ? "" : "  (\(setting.change))"))
        }
        canvas.list(lines, scroll: scroll, hasFocus: true, in: area.inner)
    }
}
