/// What the caller decides about a console.
package struct ConsoleOptions: Sendable {
    /// Nil for `terminal`, which is always there.
    package var themeName: String?
    /// Where `<name>.yaml` is looked for, in this order.
    package var themeDirectories: [String]
    /// Passwords the caller already has; what is typed into a form goes before them.
    package var sourcePassword: String?
    package var targetPassword: String?
    /// Who asks, for the audit log: `user@host console`.
    package var operatorName: String
    /// Watch only: no request is left and no worker is started.
    package var readOnly: Bool
    /// What brings the operator back to this console, printed on leaving.
    package var comeBackCommand: String

    package init(
        themeName: String? = nil, themeDirectories: [String] = [], sourcePassword: String? = nil,
        targetPassword: String? = nil, operatorName: String, readOnly: Bool = false,
        comeBackCommand: String = "switchback"
    ) {
        self.themeName = themeName
        self.themeDirectories = themeDirectories
        self.sourcePassword = sourcePassword
        self.targetPassword = targetPassword
        self.operatorName = operatorName
        self.readOnly = readOnly
        self.comeBackCommand = comeBackCommand
    }
}

/// Why the console could not open; the sentence says what to do.
package struct ConsoleError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
