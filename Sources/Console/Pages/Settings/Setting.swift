import Engine
import Records

/// A line of the settings page.
struct Setting {
    let name: String
    let value: String
    /// What changes it, in a few words.
    var change = ""
    /// What Enter does about it.
    var actions: [Action] = []
    /// The file of the operator's own that it is in.
    var file: String?
    var isTitle = false

    init(_ name: String, _ value: String, change: String = "", _ actions: [Action] = []) {
        self.name = name
        self.value = value
        self.change = change
        self.actions = actions
    }

    static func title(_ text: String) -> Setting {
        var line = Setting(text, "")
        line.isTitle = true
        return line
    }

    /// A setting that is changed in one of the operator's own files.
    private static func own(_ name: String, _ value: String, in file: String) -> Setting {
        var line = Setting(name, value, change: "e", [.edit(path: file, line: 0)])
        line.file = file
        return line
    }

    static func ofMigration(_ status: MigrationStatus) -> [Setting] {
        let limits = status.diskLimits
        return [
            Setting(
                "incidents", "\(status.incidentRules.policy), at most \(status.incidentRules.incidentsMax)",
                change: "P", [.ask(.policy(status))]),
            Setting(
                "apply", status.channelsInWords ?? "one channel, transaction by transaction",
                change: "in the guide", [.show(.live)]),
            Setting(
                "least free disk", DiskLimits.text(limits.freeBytesMin), change: "in the guide",
                [.show(.live)]),
            Setting(
                "largest queue", limits.queueBytesMax.map(DiskLimits.text) ?? "no limit",
                change: "in the guide", [.show(.live)]),
            Setting("source", status.sourcePlace ?? unknown, [.show(.connection)]),
            Setting("target", status.targetPlace ?? unknown, [.show(.connection)]),
            Setting("for", status.environment?.rawValue ?? "unsaid", [.show(.connection)]),
            Setting("directory", status.exportDirectory),
            Setting("migration", status.migrationUUID),
        ]
    }

    private static func access(_ data: ConsoleData) -> String {
        if data.readOnly { return "read-only" }
        return data.status?.wheel.refusal == nil
            ? "may change things" : "watches; another console has the wheel"
    }

    static func ofConsole(_ data: ConsoleData) -> [Setting] {
        let own = data.own
        let settings = own.settings
        return [
            Setting("theme", data.themeName, change: "^T", [.run(.showThemes)]),
            .own("symbols", settings.symbols?.rawValue ?? "those of the theme", in: own.files.settings),
            .own("graphs", settings.graphs?.rawValue ?? "those of the theme", in: own.files.settings),
            .own(
                "mouse", settings.mouse ? "on; Shift selects text" : "off", in: own.files.settings),
            .own("bell", settings.bell ? "on" : "off", in: own.files.settings),
            .own(
                "keys",
                own.changedKeys == 0
                    ? "the standard ones" : "\(counted(own.changedKeys, "command")) with keys of your own",
                in: own.files.keys),
            .own("settings file", own.files.settings, in: own.files.settings),
            .own("keys file", own.files.keys, in: own.files.keys),
            Setting("access", access(data)),
        ]
    }
}
