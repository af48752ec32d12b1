import Engine
import Foundation

/// The command line that restarts this process in the role that it has: the program as it was called, the
/// verb of the role, the export directory, and those of the operator's flags that the verb has. It never has
/// a password.
struct RestartLine: Sendable {
    /// The program's path, or its name if it was found by PATH.
    let program: String
    let exportDirectory: String
    let invocation: Invocation
    /// The variables with a password that the process was started with.
    let passwordVariables: Set<String>

    init(program: String, exportDirectory: String, invocation: Invocation, passwordVariables: Set<String>) {
        self.program = program
        self.exportDirectory = exportDirectory
        self.invocation = invocation
        self.passwordVariables = passwordVariables
    }

    /// The line of this process.
    init(_ start: VerbStart) {
        let called = CommandLine.arguments.first ?? "switchback"
        self.init(
            program: called.contains("/") ? Self.absolute(called) : called,
            exportDirectory: start.exportDirectory, invocation: Invocation.current,
            passwordVariables: Set(ProcessInfo.processInfo.environment.keys))
    }

    /// Returns the command for a verb that this process runs now.
    func command(for verb: Verb) -> RestartCommand {
        var words = [program] + verb.words + ["--export-dir", exportDirectory]
        for flag in invocation.typed where isKept(flag, by: verb) {
            words.append("--" + flag.name)
            if let value = flag.value {
                words.append(flag.name == "config-file" ? Self.absolute(value) : value)
            }
        }
        return RestartCommand(
            line: words.map(ConsoleAndDemo.shellWord).joined(separator: " "), note: note(for: verb))
    }

    /// Returns a function that gives the engine the command for a role.
    var forRoles: @Sendable (ForegroundRole) -> RestartCommand {
        let verb = invocation.verb
        // The worker runs both roles, whatever they are.
        return { role in command(for: verb == .worker ? .worker : Verb(role)) }
    }

    /// Flags of one start only.
    private static let once: Set = ["export-dir", "start-clean", "truncate-tables", "help"]

    private func isKept(_ flag: TypedFlag, by verb: Verb) -> Bool {
        if Self.once.contains(flag.name) { return false }
        if verb == invocation.verb { return true }
        let general = ["config-file", "yes"] + ConfigKeys.globalFlags
        let own = ConfigKeys.flags(of: verb) + ConfigKeys.targetKeys(of: verb).map { "target-" + $0 }
        // The number of jobs means another thing for the other verb, and the tables are known by now.
        return general.contains(flag.name)
            || own.contains(flag.name) && flag.name != "parallel-jobs" && !flag.name.contains("table-list")
    }

    private func note(for verb: Verb) -> String {
        let ofSource = [.exportDataFromSource, .importDataToSource, .worker].contains(verb)
        let ofTarget = [.importDataToTarget, .exportDataFromTarget, .worker].contains(verb)
        let variables =
            (ofSource ? ["SOURCE_DB_PASSWORD"] : []) + (ofTarget ? ["TARGET_DB_PASSWORD"] : [])
        let needed = variables.filter { invocation.hasPasswordFlag || passwordVariables.contains($0) }
        guard !needed.isEmpty else { return "" }
        return "the line has no password; set \(needed.joined(separator: " and ")) first"
    }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

extension Verb {
    /// The verb that runs a role.
    init(_ role: ForegroundRole) {
        switch role {
        case .exportDataFromSource: self = .exportDataFromSource
        case .importDataToTarget: self = .importDataToTarget
        case .exportDataFromTarget: self = .exportDataFromTarget
        case .importDataToSource: self = .importDataToSource
        }
    }
}
