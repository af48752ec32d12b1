import Engine
import Foundation

/// How a console was left.
package enum ConsoleOutcome: Equatable, Sendable {
    case left
    /// The operator chose the migration of this export directory.
    case openMigration(String)
}

/// Shows the console until the operator leaves it. The migration continues, because the worker is a process
/// of its own.
///
/// Call it on the main thread, which it blocks; never on a thread of Swift's concurrency.
///
/// - Parameter control: the migration that is shown; nil for the list of migrations
package func runConsole(control: (any MigrationControl)?, options: ConsoleOptions) throws -> ConsoleOutcome {
    precondition(Thread.isMainThread, "the console runs on the main thread")
    if options.usesLines { return try runLines(control: control, options: options) }
    let search = ThemeSearch(directories: options.themeDirectories)
    let found = search.theme(named: options.themeName)
    let directory = try control?.status().exportDirectory
    let signals = try Signals()
    let terminal: CursesTerminal
    do {
        terminal = try CursesTerminal(
            CursesTerminal.Options(
                theme: found.theme, settings: options.own.settings,
                errorLog: directory.map { $0 + "/logs/console.log" }
                    ?? options.stateDirectory + "/console.log",
                stateDirectory: options.stateDirectory))
    } catch {
        signals.end()
        throw error
    }
    var warning = options.own.warning ?? found.warning ?? terminal.warning
    if let directory {
        do { try options.recent.note(directory) } catch {
            warning = warning ?? "The list of recent migrations cannot be written: \(error)"
        }
    }
    let loop = ConsoleLoop(control: control, options: options, terminal: terminal, signals: signals)
    let outcome = loop.run(firstNotice: warning)
    terminal.close()
    signals.end()
    if outcome == .left, let control { sayGoodbye(control, options) }
    return outcome
}

/// Runs the line mode until the operator leaves it or the input ends.
private func runLines(control: (any MigrationControl)?, options: ConsoleOptions) throws -> ConsoleOutcome {
    let signals = try Signals()
    defer { signals.end() }
    var warning = options.own.warning
    if let directory = try control?.status().exportDirectory {
        do { try options.recent.note(directory) } catch {
            warning = warning ?? "The list of recent migrations cannot be written: \(error)"
        }
    }
    let outcome = LineConsole(control: control, options: options, signals: signals).run(firstNotice: warning)
    if outcome == .left, let control { sayGoodbye(control, options) }
    return outcome
}

/// Says what goes on after the console.
private func sayGoodbye(_ control: any MigrationControl, _ options: ConsoleOptions) {
    let comeBack = "Come back with: \(options.comeBackCommand)"
    do {
        let hasEnded = try control.status().phase == .ended
        print(hasEnded ? "The migration has ended." : "The migration continues. \(comeBack)")
    } catch {
        print("The state of the migration cannot be read: \(error). \(comeBack)")
    }
}
