import Engine
import Foundation

/// Shows the console until the operator leaves it. The migration continues, because the worker is a process
/// of its own.
///
/// Call it on the main thread, which it blocks; never on a thread of Swift's concurrency.
package func runConsole(control: any MigrationControl, options: ConsoleOptions) throws {
    precondition(Thread.isMainThread, "the console runs on the main thread")
    let found = ThemeSearch(directories: options.themeDirectories).theme(named: options.themeName)
    let directory = try control.status().exportDirectory
    let signals = try Signals()
    let terminal: CursesTerminal
    do {
        terminal = try CursesTerminal(
            CursesTerminal.Options(
                theme: found.theme, settings: options.settings,
                errorLog: directory + "/logs/console.log", stateDirectory: options.stateDirectory))
    } catch {
        signals.end()
        throw error
    }
    ConsoleLoop(control: control, options: options, terminal: terminal, signals: signals)
        .run(firstNotice: found.warning ?? options.settingsWarning ?? terminal.warning)
    terminal.close()
    signals.end()
    print("The migration continues. Come back with: \(options.comeBackCommand)")
}
