/// The meanings of keys. Each command has exactly one row in the keymap.
package enum KeyCommand: String, CaseIterable, Sendable {
    case showDashboard
    case showTables
    case showLog
    case showIncidents
    case errorPolicy
    case retryTable
    case excludeTable
    case showGuide
    case showCutover
    case openGuide
    case nextGuide
    case previousGuide
    case help
    case quit
    case interrupt
    case redraw
    case suspend
    case up
    case down
    case pageUp
    case pageDown
    case top
    case bottom
    case filter
    case sort
    case reverseSort
    case follow
    case level
    case forward
    case back
    case focusNext
    case focusPrevious
    case toggle
    case choiceNext
    case choicePrevious
    case again
    case abortCutover
    case release
    case startWorker
    case dialogFocus
    case dialogPress
    case dialogCancel
}

/// The places in which keys have meanings of their own.
package enum KeyContext: String, CaseIterable, Sendable {
    case dashboard
    case tables
    case log
    case incidents
    /// The pages of a guide without a form: checks, plan, progress, result.
    case guide
    /// The questions of a guide.
    case form
    case confirmation
}
