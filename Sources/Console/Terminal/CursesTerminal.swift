import CNcurses
import Glibc

/// The console's terminal, the only file that calls curses. It writes changed cells and reads keys. Curses is
/// not thread-safe, so only the main thread uses it.
// Sound: its one pointer, to the screen of curses, is created in `init` and freed in `close`.
@safe final class CursesTerminal {
    private let theme: Theme
    private let colours: Int32
    private let isUTF8: Bool
    private let screen: OpaquePointer
    private let errorOutput: ErrorOutput?
    private let crashGuard: CrashGuard
    private var shown: Canvas?
    private var pairs: [ColourPair: Int32] = [:]
    private var styles: [Token: CellStyle] = [:]
    /// Why another terminal type is used than the environment names; for the alert line.
    let warning: String?

    private struct ColourPair: Hashable {
        var foreground: Int32
        var background: Int32
    }

    private struct CellStyle {
        var attributes: UInt32
        var pair: Int32
    }

    /// Time allowed between the bytes of an escape sequence.
    private static let escapeDelayMilliseconds: Int32 = 25

    init(theme: Theme, errorLog: String) throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw ConsoleError(
                "The console needs a terminal. Scripts use the verbs; see switchback --help.")
        }
        isUTF8 = CursesTerminal.chooseLocale()
        set_escdelay(CursesTerminal.escapeDelayMilliseconds)
        let crashGuard = CrashGuard()
        var warning: String?
        // Sound: curses keeps the returned screen until delscreen, which `close` calls once.
        var opened = unsafe sb_open(nil)
        if unsafe opened == nil {
            unsafe opened = sb_open("xterm-256color")
            warning =
                "This system does not know the terminal type \(CursesTerminal.variable("TERM") ?? "(none)"); "
                + "xterm-256color is used."
        }
        guard let screen = unsafe opened else {
            crashGuard.end()
            throw ConsoleError("This system does not know the terminal type; set TERM, for example to xterm.")
        }
        guard sb_can_address() != 0 else {
            endwin()
            unsafe delscreen(screen)
            crashGuard.end()
            throw ConsoleError(
                "A terminal of type \(CursesTerminal.variable("TERM") ?? "dumb") cannot show the console.")
        }
        let noColour = !(CursesTerminal.variable("NO_COLOR") ?? "").isEmpty
        sb_prepare(noColour ? 0 : 1)
        colours = noColour ? 0 : sb_colours()
        self.theme = theme
        unsafe self.screen = screen
        self.crashGuard = crashGuard
        self.warning = warning
        errorOutput = ErrorOutput(to: errorLog)
        CursesTerminal.send("\u{1B}[?2004h")
    }

    /// Restores the terminal.
    func close() {
        CursesTerminal.send("\u{1B}[?2004l")
        endwin()
        // Sound: the one call for the screen opened in `init`.
        unsafe delscreen(screen)
        errorOutput?.end()
        crashGuard.end()
    }

    var size: (rows: Int, columns: Int) { (Int(sb_rows()), Int(sb_columns())) }

    /// Reads the terminal's current size.
    func measure() {
        var size = winsize()
        // Sound: ioctl fills this structure for this request.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0
        else { return }
        resizeterm(Int32(size.ws_row), Int32(size.ws_col))
        redraw()
    }

    /// Clears the screen, so that the next drawing writes all of it.
    func redraw() {
        sb_clear()
        shown = nil
    }

    /// Writes the rows that changed; curses sends only their changed cells.
    func draw(_ canvas: Canvas) {
        if shown == canvas { return }
        for row in 0..<canvas.rows
        where shown.map({
            $0.columns != canvas.columns || $0.rows != canvas.rows || $0.row(row) != canvas.row(row)
        }) ?? true {
            for (column, cell) in canvas.row(row).enumerated() where cell.width > 0 {
                put(cell, row: row, column: column)
            }
        }
        shown = canvas
        sb_show()
    }

    /// Returns the next key, nil if none was pressed.
    func nextKey() -> KeyEvent? {
        while true {
            var value: UInt32 = 0
            // Sound: one integer of ours.
            let code = unsafe sb_read(&value)
            if code == ERR { return nil }
            if code == KEY_CODE_YES, value == UInt32(SB_PASTE_START) { return .paste(readPaste()) }
            if let key = code == KEY_CODE_YES
                ? CursesTerminal.functionKey(Int32(value)) : CursesTerminal.plainKey(value)
            {
                return key
            }
        }
    }

    /// Discards what was typed ahead.
    func dropTypeAhead() { flushinp() }

    /// Restores the terminal, stops this process as ^Z does, and sets the terminal up again afterwards.
    func suspend() {
        CursesTerminal.send("\u{1B}[?2004l")
        endwin()
        raise(SIGSTOP)
        CursesTerminal.send("\u{1B}[?2004h")
        measure()
    }

    /// Characters of a paste that are kept; a terminal may send megabytes.
    private static let pasteCharactersMax = 4096

    private func readPaste() -> String {
        var text = ""
        while true {
            var value: UInt32 = 0
            // Sound: one integer of ours.
            let code = unsafe sb_read(&value)
            if code == ERR {
                // Wait for the rest of the paste, but not for a terminal that never ends it.
                guard waitForInput(milliseconds: 100) else { return text }
                continue
            }
            if code == KEY_CODE_YES {
                if value == UInt32(SB_PASTE_END) { return text }
                continue
            }
            if text.count < CursesTerminal.pasteCharactersMax, let scalar = Unicode.Scalar(value) {
                text.unicodeScalars.append(value == 13 ? "\n" : scalar)
            }
        }
    }

    private func waitForInput(milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        // Sound: one structure of ours.
        return unsafe poll(&descriptor, 1, milliseconds) > 0
    }

    private func put(_ cell: Cell, row: Int, column: Int) {
        let style = style(of: cell.token)
        let text = isUTF8 ? cell.text : asciiForm(of: cell)
        if isUTF8 || text.utf8.count == 1 {
            let scalars = text.unicodeScalars.map(\.value)
            // Sound: curses copies the scalars during the call.
            unsafe sb_put(
                Int32(row), Int32(column), scalars, Int32(scalars.count), style.attributes, style.pair)
            return
        }
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            // Sound: as above.
            unsafe sb_put(Int32(row), Int32(column + offset), [scalar.value], 1, style.attributes, style.pair)
        }
    }

    private func style(of token: Token) -> CellStyle {
        if let known = styles[token] { return known }
        // Without colours use the built-in theme: its attributes alone distinguish the tokens.
        let paint = colours > 0 ? theme.paint(token) : Theme.terminal.paint(token)
        var attributes: UInt32 = 0
        if paint.attributes.contains(.bold) { attributes |= sb_bold() }
        if paint.attributes.contains(.dim) { attributes |= sb_dim() }
        if paint.attributes.contains(.italic) { attributes |= sb_italic() }
        if paint.attributes.contains(.underline) { attributes |= sb_underline() }
        if paint.attributes.contains(.reverse) { attributes |= sb_reverse() }
        var style = CellStyle(attributes: attributes, pair: 0)
        if colours > 0 {
            let foreground = index(of: paint.foreground)
            let background = index(of: paint.background)
            // Terminals with eight colours show the bright ones as bold.
            if colours < 16, (paint.foreground?.c16 ?? -1) >= 8 { style.attributes |= sb_bold() }
            style.pair = pair(ColourPair(foreground: foreground, background: background))
        }
        styles[token] = style
        return style
    }

    private func index(of colour: Colour?) -> Int32 {
        guard let colour else { return -1 }
        if colours >= 256 { return Int32(colour.c256) }
        return colours >= 16 || colour.c16 < 8 ? Int32(colour.c16) : Int32(colour.c16 - 8)
    }

    private func pair(_ colours: ColourPair) -> Int32 {
        if colours.foreground < 0, colours.background < 0 { return 0 }
        if let known = pairs[colours] { return known }
        let pair = max(0, alloc_pair(colours.foreground, colours.background))
        pairs[colours] = pair
        return pair
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

    /// Sets the locale of the environment. Returns whether its characters are UTF-8.
    private static func chooseLocale() -> Bool {
        // Sound: both calls return strings of the C library that live until the next call.
        unsafe setlocale(LC_CTYPE, "")
        guard let codeset = unsafe nl_langinfo(Int32(CODESET)) else { return false }
        return unsafe String(cString: codeset) == "UTF-8"
    }

    private static func variable(_ name: String) -> String? {
        // Sound: the environment is read on the main thread before anything could change it.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    private static func send(_ sequence: String) {
        var bytes = Array(sequence.utf8)
        // Sound: the array lives through the call. Reading shows that a terminal is gone.
        _ = unsafe write(STDOUT_FILENO, &bytes, bytes.count)
    }
}
