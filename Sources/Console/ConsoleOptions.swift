/// The settings of a console, chosen by its caller.
package struct ConsoleOptions: Sendable {
    /// Nil for the built-in theme `terminal`.
    package var themeName: String?
    /// Directories that are searched for `<name>.yaml`, in this order.
    package var themeDirectories: [String]
    /// What the operator's own files say.
    package var own: OwnSettings
    /// The directory below which the list of migrations looks.
    package var workingDirectory: String
    /// The folder for copies and screenshots.
    package var stateDirectory: String
    /// Passwords the caller already has; a password typed into a form takes precedence.
    package var sourcePassword: String?
    package var targetPassword: String?
    /// The name of the operator in the audit log: `user@host console`.
    package var operatorName: String
    /// Whether prompts and lines take the place of the screen.
    package var usesLines = false
    /// Watch only: no request is left and no worker is started.
    package var readOnly: Bool
    /// The command that opens this console again, printed at the end.
    package var comeBackCommand: String

    package init(
        themeName: String? = nil, themeDirectories: [String] = [],
        own: OwnSettings = OwnSettings(files: OwnFiles(folder: "/nonexistent")),
        workingDirectory: String = "/",
        stateDirectory: String = "/tmp", sourcePassword: String? = nil, targetPassword: String? = nil,
        operatorName: String, readOnly: Bool = false,
        comeBackCommand: String = "switchback"
    ) {
        self.themeName = themeName
        self.themeDirectories = themeDirectories
        self.own = own
        self.workingDirectory = workingDirectory
        self.stateDirectory = stateDirectory
        self.sourcePassword = sourcePassword
        self.targetPassword = targetPassword
        self.operatorName = operatorName
        self.readOnly = readOnly
        self.comeBackCommand = comeBackCommand
    }
}

extension ConsoleOptions {
    package var recent: RecentMigrations { RecentMigrations(stateDirectory: stateDirectory) }
}

/// The reason why the console could not open, with what to do about it.
package struct ConsoleError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
