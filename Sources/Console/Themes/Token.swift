/// The meaning of a piece of the screen, which a theme paints. Views name tokens and never colours.
package enum Token: String, CaseIterable, Sendable {
    case background
    /// The ground of a dialog.
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
    /// The kind of databases that a migration moves: production, a rehearsal of it, development.
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
    /// A number that differs from the one shown before.
    case dataChanged = "data.changed"
    case directionForward = "direction.forward"
    case directionReverse = "direction.reverse"
    case gateGo = "gate.go"
    case gateNogo = "gate.nogo"
    /// The two series of a chart, and the lines behind them.
    case chart1 = "chart.1"
    case chart2 = "chart.2"
    case chartGrid = "chart.grid"
    /// The filled part of a bar, and the rest of it.
    case barFill = "bar.fill"
    case barTrack = "bar.track"
    case diffAdd = "diff.add"
    case diffRemove = "diff.remove"
    case sqlKeyword = "sql.keyword"
    case sqlString = "sql.string"

    /// Whether nothing has to be read in it: a ground, or a line behind something else.
    package var isDecoration: Bool {
        switch self {
        case .background, .panel, .chartGrid, .barTrack: true
        case .panelTitle, .border, .borderFocus, .text, .textMuted, .textStrong, .textInverse, .selection,
            .selectionUnfocused, .cursor, .headerBar, .headerName, .envProd, .envStage, .envDev, .railDone,
            .railCurrent, .railTodo, .keyHint, .keyLabel, .input, .inputFocus, .inputError, .button,
            .buttonFocus, .buttonDanger, .statusOK, .statusWarn, .statusError, .statusCritical, .statusInfo,
            .statusWaiting, .dataStale, .dataChanged, .directionForward, .directionReverse, .gateGo,
            .gateNogo, .chart1, .chart2, .barFill, .diffAdd, .diffRemove, .sqlKeyword, .sqlString:
            false
        }
    }
}
