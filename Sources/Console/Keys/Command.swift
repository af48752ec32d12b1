/// The commands of the operator: each is the meaning of a key, an entry of the palette and a line of the
/// help. The raw value is the name in `keys.yaml` and in the palette.
package enum Command: String, CaseIterable, Sendable {
    // The pages that a key opens from everywhere.
    case showDashboard = "dashboard"
    case showTables = "tables"
    case showLog = "log"
    case showPhase = "phase"
    case showCutover = "cutover"
    case showVerification = "verification"
    case showSettings = "settings"
    case showChoice = "choose-tables"
    case showAlerts = "alerts"
    case showIncidents = "incidents"
    case showMigrations = "migrations"
    case showThemes = "theme"
    case palette
    case help
    // Moving.
    case up
    case down
    case pageUp = "page-up"
    case pageDown = "page-down"
    case top
    case bottom
    case open
    case back
    case nextField = "next-field"
    case previousField = "previous-field"
    case choose
    case chooseAll = "choose-all"
    case chooseNone = "choose-none"
    case nextChoice = "next-choice"
    case previousChoice = "previous-choice"
    case nextPage = "next-page"
    case previousPage = "previous-page"
    // Lists.
    case filter
    case sort
    case reverseSort = "reverse-sort"
    case columns
    case freeze
    case zoom
    case follow
    case level
    case again
    case details
    // What leaves the terminal.
    case copy
    case copyPage = "copy-page"
    case screenshot
    case edit
    // What changes the migration.
    case startWorker = "start-worker"
    case acknowledge
    case verify
    case repairSQL = "repair-sql"
    case retryTable = "retry-table"
    case fix
    case waive
    case accept
    case abortCutover = "abort-cutover"
    case release
    case endSession = "end-session"
    case excludeTable = "exclude-table"
    case errorPolicy = "error-policy"
    case takeWheel = "take-wheel"
    // The console itself.
    case redraw
    case suspend
    case interrupt
    case quit
}

extension Command {
    /// Whether the command has a meaning while only the list of migrations is shown.
    var worksWithoutMigration: Bool {
        switch self {
        case .showMigrations, .showThemes, .palette, .help, .up, .down, .pageUp, .pageDown, .top, .bottom,
            .open, .back,
            .filter, .sort, .reverseSort, .copy, .copyPage, .screenshot, .redraw, .suspend, .interrupt, .quit:
            true
        case .showDashboard, .showTables, .showLog, .showPhase, .showCutover, .showVerification,
            .showSettings, .showChoice, .chooseAll, .chooseNone, .showAlerts, .showIncidents, .nextField,
            .previousField, .choose, .nextChoice,
            .previousChoice, .nextPage, .previousPage, .columns, .freeze, .zoom, .follow,
            .level, .again, .details, .edit, .startWorker, .acknowledge, .verify, .repairSQL, .retryTable,
            .fix, .waive, .accept,
            .abortCutover, .release, .endSession, .excludeTable, .errorPolicy, .takeWheel:
            false
        }
    }
}
