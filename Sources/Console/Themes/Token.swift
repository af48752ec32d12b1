/// The meaning of a piece of the screen, which a theme paints. Views name tokens and never colours.
package enum Token: String, CaseIterable, Sendable {
    case background
    case panel
    case panelTitle = "panel.title"
    case border
    case borderFocus = "border.focus"
    case text
    case textMuted = "text.muted"
    case textStrong = "text.strong"
    case selection
    case selectionUnfocused = "selection.unfocused"
    case cursor
    case headerBar = "header.bar"
    case headerName = "header.name"
    case railDone = "rail.done"
    case railCurrent = "rail.current"
    case railTodo = "rail.todo"
    case keyHint = "key.hint"
    case keyLabel = "key.label"
    case input
    case inputFocus = "input.focus"
    case inputError = "input.error"
    case button
    case buttonFocus = "button.focus"
    case buttonDanger = "button.danger"
    case statusOK = "status.ok"
    case statusWarn = "status.warn"
    case statusError = "status.error"
    case statusInfo = "status.info"
    case statusWaiting = "status.waiting"
    case dataStale = "data.stale"
    case directionForward = "direction.forward"
    case directionReverse = "direction.reverse"
    case gateGo = "gate.go"
    case gateNogo = "gate.nogo"
    case sqlKeyword = "sql.keyword"

    /// Names of tokens that no view uses any more. A theme file of an earlier version may still have them.
    package static let formerNames: Set<String> = [
        "text.inverse", "env.prod", "env.stage", "env.dev", "status.critical", "data.changed",
        "chart.1", "chart.2", "chart.grid", "bar.fill", "bar.track", "diff.add", "diff.remove",
        "sql.string",
    ]
}
