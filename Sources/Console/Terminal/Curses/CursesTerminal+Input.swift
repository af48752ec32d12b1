import CNcurses
import Glibc

/// What the terminal reports: a key, or the mouse.
package enum TerminalInput: Equatable, Sendable {
    case key(KeyEvent)
    case mouse(MouseEvent)
}

extension CursesTerminal {
    /// Returns the next key, nil if none was pressed. What the mouse did before it is passed over.
    package func nextKey() -> KeyEvent? {
        while let input = nextInput() {
            switch input {
            case .key(let key): return key
            case .mouse: continue
            }
        }
        return nil
    }

    /// Returns the next key or report of the mouse, nil if there is none.
    package func nextInput() -> TerminalInput? {
        while true {
            var value: UInt32 = 0
            // Sound: one integer of ours, and the window of `init`.
            let code = unsafe sb_read(keys, &value)
            if code == ERR { return nil }
            if code != KEY_CODE_YES {
                if let key = CursesTerminal.plainKey(value) { return .key(key) }
            } else if value == UInt32(SB_PASTE_START) {
                return .key(.paste(readPaste()))
            } else if value == UInt32(SB_MOUSE) {
                if let event = readMouse() { return .mouse(event) }
            } else if let key = CursesTerminal.functionKey(Int32(value)) {
                return .key(key)
            }
        }
    }

    /// Discards what was typed ahead.
    package func dropTypeAhead() {
        // What curses has read already, and what the terminal still holds.
        flushinp()
        tcflush(STDIN_FILENO, TCIFLUSH)
    }

    /// Brackets around pasted text and, where the operator wants it, reports of the mouse.
    func setInputModes(on: Bool) {
        let letter = on ? "h" : "l"
        var sequence = "\u{1B}[?2004\(letter)"
        if options.settings.mouse { sequence += "\u{1B}[?1000\(letter)\u{1B}[?1006\(letter)" }
        send(Array(sequence.utf8))
    }

    /// Characters of a paste that are kept; a terminal may send megabytes.
    private static let pasteCharactersMax = 4096
    /// Time in which a terminal continues what it has begun to send.
    private static let restMilliseconds: Int32 = 100

    private func readPaste() -> String {
        var text = String.UnicodeScalarView()
        while let (code, value) = readRest() {
            if code == KEY_CODE_YES {
                if value == UInt32(SB_PASTE_END) { break }
                continue
            }
            if text.count < CursesTerminal.pasteCharactersMax, let scalar = Unicode.Scalar(value) {
                text.append(value == 13 ? "\n" : scalar)
            }
        }
        return String(text)
    }

    private func readMouse() -> MouseEvent? {
        var report = ""
        while report.count < MouseEvent.reportCharactersMax, let (code, value) = readRest() {
            guard code == OK, let scalar = Unicode.Scalar(value) else { return nil }
            report.unicodeScalars.append(scalar)
            if scalar == "M" || scalar == "m" { return MouseEvent(report: report) }
        }
        return nil
    }

    /// Returns the next character or key of what the terminal has begun to send; nil if it does not continue.
    private func readRest() -> (code: Int32, value: UInt32)? {
        var value: UInt32 = 0
        // Sound: as above.
        var code = unsafe sb_read(keys, &value)
        if code == ERR {
            var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            // Sound: one structure of ours.
            guard unsafe poll(&descriptor, 1, CursesTerminal.restMilliseconds) > 0 else { return nil }
            code = unsafe sb_read(keys, &value)
        }
        return code == ERR ? nil : (code, value)
    }

    private static func plainKey(_ value: UInt32) -> KeyEvent? {
        switch value {
        case 9: return .tab
        case 10, 13: return .enter
        case 27: return .escape
        case 8, 127: return .backspace
        case 1...26: return Unicode.Scalar(value + 96).map { .control(Character($0)) }
        case 0..<32: return nil
        default: return Unicode.Scalar(value).map { .character(Character($0)) }
        }
    }

    private static func functionKey(_ code: Int32) -> KeyEvent? {
        switch code {
        case KEY_UP: .up
        case KEY_DOWN: .down
        case KEY_LEFT: .left
        case KEY_RIGHT: .right
        case KEY_HOME: .home
        case KEY_END: .end
        case KEY_PPAGE: .pageUp
        case KEY_NPAGE: .pageDown
        case KEY_BACKSPACE: .backspace
        case KEY_DC: .delete
        case KEY_BTAB: .backTab
        case KEY_ENTER: .enter
        case KEY_F0 + 1...KEY_F0 + 12: .function(Int(code - KEY_F0))
        default: nil  // Keys without a meaning here.
        }
    }
}
