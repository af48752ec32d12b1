import Console
import Engine
import Support

/// A page of the console at a fixed moment, on a simulated migration: `consoleprobe canvas page-NAME`.
struct PageScene {
    private var session: ConsoleSession

    /// Nil if there is no page of that name.
    init?(_ name: String) {
        guard let scene = Scene(rawValue: name) else { return nil }
        let control = FakeMigrationControl(scene.migration)
        session = ConsoleSession(
            control: control, options: ConsoleOptions(operatorName: "dba@mig-01 console"),
            clock: { control.state.now }, utcOffset: { 0 }, runOnOtherThread: { $0() })
        _ = session.refresh(alsoEvents: true)
        for (index, key) in scene.keys.enumerated() {
            _ = session.key(key)
            // What a page reads is there before the next key.
            if index < scene.keys.count - 1 { _ = session.refresh() }
        }
        for _ in 0..<scene.turns { _ = session.refresh() }
    }

    func draw(onto canvas: inout Canvas) { render(session.state, session.data, onto: &canvas) }

    /// The scenes, by their names.
    private enum Scene: String {
        case dashboard = "page-dashboard"
        case away = "page-away"
        case fallBack = "page-fallback"
        case tables = "page-tables"
        case log = "page-log"
        case alerts = "page-alerts"
        case incidents = "page-incidents"
        case sessions = "page-sessions"
        case checks = "page-checks"
        case schema = "page-schema"
        case gates = "page-gates"
        case confirm = "page-confirm"
        case steps = "page-steps"
        case help = "page-help"

        var migration: FakeMigration {
            var migration: FakeMigration
            switch self {
            case .dashboard, .tables, .log, .gates, .confirm, .help: migration = .streaming()
            case .away:
                migration = .streaming()
                migration.status.servers[.source] = ServerHealth(
                    .away, since: migration.now - 14, reason: "no route to host")
            case .fallBack: migration = .fallBack()
            case .alerts:
                migration = .streaming()
                migration.status.isPaused = true
                migration.status.tables[0].note = TableNote(
                    word: .setAside, reason: "the source has a new column note (text)",
                    remedy: "alter table customer add column note text", since: 1)
            case .incidents:
                migration = .streaming()
                migration.incidents = FakeMigration.someIncidents
            case .sessions:
                migration = .streaming()
                migration.status.writers = FakeMigration.writers(now: migration.now)
            case .checks:
                migration = FakeMigration()
                migration.forms = FakeMigration.connected
            case .schema: migration = FakeMigration(phase: .schema)
            case .steps: migration = .cuttingOver()
            }
            migration.startWorker(nil, nil)
            return migration
        }

        var keys: [KeyEvent] {
            switch self {
            case .dashboard, .away, .fallBack: [.character("1")]
            case .tables:
                [.character("2"), .character("o"), .character("/"), .character("~"), .character("i"), .enter]
            case .log: [.character("3"), .character("o")]
            case .alerts: [.character("!"), .down]
            case .incidents: [.character("i"), .character("o"), .down]
            case .sessions: [.character("5"), .character("T"), .character("T")]
            case .checks: [.function(5), .character("r"), .end]
            case .schema: [.function(5), .enter]
            case .gates: [.character("5"), .tab, .down]
            case .confirm: [.character("5"), .enter, .character("o"), .character("r")]
            case .steps: [.character("5")]
            case .help: [.character("?")]
            }
        }

        /// Turns of the loop after the last key.
        var turns: Int {
            switch self {
            case .checks, .schema: 4
            case .dashboard, .away, .fallBack, .tables, .log, .alerts, .incidents, .sessions, .gates,
                .confirm, .steps, .help:
                0
            }
        }
    }
}
