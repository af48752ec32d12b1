extension Theme {
    /// The built-in theme: the terminal's own background and its 16 colours, which its owner has already made
    /// readable.
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
            .selection: Paint(attributes: [.reverse]),
            .selectionUnfocused: Paint(attributes: [.underline]),
            .cursor: Paint(attributes: [.reverse]),
            .headerBar: Paint(attributes: [.reverse]),
            .headerName: Paint(attributes: [.reverse, .bold]),
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
            .statusInfo: Paint(),
            .statusWaiting: Paint(foreground: .named(.magenta)),
            .dataStale: Paint(attributes: [.dim]),
            .directionForward: Paint(attributes: [.reverse, .bold]),
            .directionReverse: Paint(foreground: .named(.magenta), attributes: [.reverse, .bold]),
            .gateGo: Paint(foreground: .named(.green)),
            .gateNogo: Paint(foreground: .named(.red), attributes: [.bold]),
            .sqlKeyword: Paint(foreground: .named(.cyan)),
        ])
}

/// The 16 colours that have the same names on every terminal.
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
