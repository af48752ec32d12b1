import Records

/// The command line that restarts a process in the role that it has now.
package struct RestartCommand: Sendable, Equatable {
    /// The command line, quoted for a shell; it has no password.
    package var line: String
    /// A sentence about what the line leaves out, such as the password; empty if it leaves out nothing.
    package var note: String

    package init(line: String, note: String = "") {
        self.line = line
        self.note = note
    }
}

extension ForegroundRole {
    /// The command that runs a role of a leg.
    init(_ role: Role, of leg: Leg) {
        switch (role, leg.direction) {
        case (.capture, .forward): self = .exportDataFromSource
        case (.capture, .reverse): self = .exportDataFromTarget
        case (.apply, .forward): self = .importDataToTarget
        case (.apply, .reverse): self = .importDataToSource
        }
    }
}

/// Tells the operator how to restart a process whose role has changed: on its output and in the event log.
struct RestartNotice: Sendable {
    let context: RoleContext
    /// The command that the operator typed; nil for the worker, whose command stays the same.
    let asked: ForegroundRole?

    /// Notes that the process runs these roles of a leg.
    ///
    /// - Parameter isFirst: whether this is the first leg that the process runs. Its role is new then only if
    ///   it is not the one that the operator typed.
    func note(_ leg: Leg, roles: [Role], isFirst: Bool) {
        guard let restart = context.options.restartCommand, let role = roles.first else { return }
        let now = ForegroundRole(role, of: leg)
        if isFirst, asked == nil || asked == now { return }
        let command = restart(now)
        let work = roles.map { ForegroundRole($0, of: leg).rawValue }.joined(separator: " and ")
        let words = "this process now runs \(work); if it ends, restart it with:"
        for line in [words, command.line, command.note] where !line.isEmpty { context.announce(line) }
        let note = command.note.isEmpty ? "" : " (\(command.note))"
        context.log(.info, "cutover", "\(words) \(command.line)\(note)")
    }
}
