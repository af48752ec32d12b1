import Engine
import Foundation
import Synchronization

extension VerbStart {
    /// Runs one of the four long-running verbs to its end and prints its progress.
    func run(
        _ role: ForegroundRole, options: RunOptions, showsTables: Bool, metrics: MetricsServer?
    ) async throws {
        StopRequests.endInGoodOrder()
        defer { metrics?.close() }
        if let metrics { Terminal.output.line("metrics: \(metrics.url)") }
        var options = options
        options.restartCommand = RestartLine(self).forRoles
        let screen = LiveScreen()
        let log = log
        let view = ForegroundView(
            reporter: LiveReporter(
                role: role, processID: getpid(), showsTables: showsTables, redraws: Terminal.output.isTerminal
            ),
            screen: screen, migration: migration, log: { log.info("\($0)") })
        let refresh = Task {
            while !Task.isCancelled {
                view.refresh()
                // Cancellation ends the wait early, and the loop with it.
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        defer { refresh.cancel() }
        do {
            try await runForeground(
                role, migration: migration, options: options, stop: StopRequests.signal,
                announce: { view.announce($0) })
        } catch  where isStop(error) {
            log.info("stopped by a signal")
            throw VerbFailure("stopped; nothing is lost, run the same command again to continue")
        }
        view.refresh()
    }
}

/// The output of a long-running verb: the reporter decides what is printed on the screen. Any thread may call
/// it.
private final class ForegroundView: Sendable {
    private let reporter: Mutex<LiveReporter>
    private let screen: LiveScreen
    private let migration: any MigrationControl
    private let log: @Sendable (String) -> Void

    init(
        reporter: LiveReporter, screen: LiveScreen, migration: any MigrationControl,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.reporter = Mutex(reporter)
        self.screen = screen
        self.migration = migration
        self.log = log
    }

    func announce(_ sentence: String) {
        reporter.withLock { $0.heard(sentence) }
        log(sentence)
        screen.say(sentence)
    }

    /// Reads the status once and prints what is new.
    func refresh() {
        let status: MigrationStatus
        do {
            status = try migration.status()
        } catch {
            // The journal may be busy for a moment; the next reading follows in half a second.
            log("the status could not be read: \(error)")
            return
        }
        let (sentences, table) = reporter.withLock { reporter in
            (reporter.sentences(status), reporter.table(status, now: Date().timeIntervalSince1970))
        }
        for sentence in sentences {
            log(sentence)
            screen.say(sentence)
        }
        if let table { screen.show(table: table) }
    }
}
