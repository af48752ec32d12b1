/// What a piece of the screen means; a theme says how that looks. Views name tokens and never colours.
package enum Token: String, CaseIterable, Sendable {
    case background
    case panel
    case panelTitle = "panel.title"
    case border
    case borderFocus = "border.focus"
    case text
    case textMuted = "text.muted"
    case textStrong = "text.strong"
    case textInverse = "text.inverse"
    case selection
    case selectionUnfocused = "selection.unfocused"
    case cursor
    case headerBar = "header.bar"
    case headerName = "header.name"
    case envProd = "env.prod"
    case envStage = "env.stage"
    case envDev = "env.dev"
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
    case statusCritical = "status.critical"
    case statusInfo = "status.info"
    case statusWaiting = "status.waiting"
    case dataStale = "data.stale"
    case dataChanged = "data.changed"
    case directionForward = "direction.forward"
    case directionReverse = "direction.reverse"
    case gateGo = "gate.go"
    case gateNogo = "gate.nogo"
    case chart1 = "chart.1"
    case chart2 = "chart.2"
    case chartGrid = "chart.grid"
    case barFill = "bar.fill"
    case barTrack = "bar.track"
    case diffAdd = "diff.add"
    case diffRemove = "diff.remove"
    case sqlKeyword = "sql.keyword"
    case sqlString = "sql.string"
}
