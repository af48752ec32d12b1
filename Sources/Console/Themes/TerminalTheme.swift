extension Theme {
    /// The theme that is always there: the terminal's own background and its 16 colours, which its owner has
    /// made readable already.
    package static let terminal = Theme(
        name: "terminal", title: "The terminal's own colours",
        paints: [
            .background: Paint(),
            .panel: Paint(),
            .panelTitle: Paint(attributes: [.bold]),
            .border: Paint(foreground: .named(.blue)),
            .borderFocus: Paint(foreground: .named(.cyan), attributes: [.bold]),
            .text: Paint(),
            .textMuted: Paint(attributes: [.dim]),
            .textStrong: Paint(attributes: [.bold]),
            .textInverse: Paint(attributes: [.reverse]),
            .selection: Paint(attributes: [.reverse]),
            .selectionUnfocused: Paint(attributes: [.underline]),
            .cursor: Paint(attributes: [.reverse]),
            .headerBar: Paint(attributes: [.reverse]),
            .headerName: Paint(attributes: [.reverse, .bold]),
            .envProd: Paint(foreground: .named(.red), attributes: [.reverse, .bold]),
            .envStage: Paint(foreground: .named(.yellow), attributes: [.reverse]),
            .envDev: Paint(foreground: .named(.green), attributes: [.reverse]),
            .railDone: Paint(foreground: .named(.green)),
            .railCurrent: Paint(foreground: .named(.cyan), attributes: [.bold]),
            .railTodo: Paint(attributes: [.dim]),
            .keyHint: Paint(attributes: [.bold]),
            .keyLabel: Paint(),
            .input: Paint(attributes: [.underline]),
            .inputFocus: Paint(foreground: .named(.cyan), attributes: [.underline, .bold]),
            .inputError: Paint(foreground: .named(.red), attributes: [.underline]),
            .button: Paint(),
            .buttonFocus: Paint(attributes: [.reverse, .bold]),
            .buttonDanger: Paint(foreground: .named(.red), attributes: [.bold]),
            .statusOK: Paint(foreground: .named(.green)),
            .statusWarn: Paint(foreground: .named(.yellow), attributes: [.bold]),
            .statusError: Paint(foreground: .named(.red), attributes: [.bold]),
            .statusCritical: Paint(foreground: .named(.red), attributes: [.reverse, .bold]),
            .statusInfo: Paint(),
            .statusWaiting: Paint(foreground: .named(.magenta)),
            .dataStale: Paint(attributes: [.dim]),
            .dataChanged: Paint(attributes: [.bold]),
            .directionForward: Paint(attributes: [.reverse, .bold]),
            .directionReverse: Paint(foreground: .named(.magenta), attributes: [.reverse, .bold]),
            .gateGo: Paint(foreground: .named(.green)),
            .gateNogo: Paint(foreground: .named(.red), attributes: [.bold]),
            .chart1: Paint(foreground: .named(.cyan)),
            .chart2: Paint(foreground: .named(.magenta)),
            .chartGrid: Paint(attributes: [.dim]),
            .barFill: Paint(foreground: .named(.cyan)),
            .barTrack: Paint(attributes: [.dim]),
            .diffAdd: Paint(foreground: .named(.green)),
            .diffRemove: Paint(foreground: .named(.red)),
            .sqlKeyword: Paint(foreground: .named(.cyan)),
            .sqlString: Paint(foreground: .named(.green)),
        ])
}

/// The 16 colours every terminal names alike.
package enum NamedColour: String, CaseIterable, Sendable {
    case black, red, green, yellow, blue, magenta, cyan, white
    case brightblack, brightred, brightgreen, brightyellow, brightblue, brightmagenta, brightcyan, brightwhite

    package var index: Int16 { Int16(NamedColour.allCases.firstIndex(of: self) ?? 0) }
}

extension Colour {
    /// The first 16 of 256 colours are the named ones.
    package static func named(_ name: NamedColour) -> Colour {
        Colour(rgb: -1, c256: name.index, c16: name.index)
    }
}
