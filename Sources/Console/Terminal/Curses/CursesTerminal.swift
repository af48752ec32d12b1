import CNcurses
import Glibc

/// The console's terminal. Curses composes a frame from the cells that changed, and the frame goes to the
/// terminal by one write. Curses is not thread-safe, so only the main thread uses it. No other type calls it.
// Sound: its three pointers (the screen of curses, its window for keys, and the file it draws into) are
// created in `init` and freed in `close`.
@safe package final class CursesTerminal {
    /// What the caller chooses.
    package struct Options {
        package var theme: Theme
        package var settings: ConsoleSettings
        /// The file that standard error goes to while the screen is shown.
        package var errorLog: String
        /// The folder for copies and screenshots.
        package var stateDirectory: String

        package init(theme: Theme, settings: ConsoleSettings, errorLog: String, stateDirectory: String) {
            self.theme = theme
            self.settings = settings
            self.errorLog = errorLog
            self.stateDirectory = stateDirectory
        }
    }

    package let kind: TerminalKind
    package let depth: ColourDepth
    /// The characters that drawing code may use here.
    package private(set) var symbols: Symbols
    /// Why another terminal type is used than the environment names; for the alert line.
    package let warning: String?
    private(set) var options: Options
    let keys: UnsafeMutablePointer<WINDOW>
    private let isUTF8: Bool
    let screen: OpaquePointer
    let output: UnsafeMutablePointer<FILE>
    let capture: FrameCapture
    private let writer: TerminalWriter
    let errorOutput: ErrorOutput?
    let crashGuard: CrashGuard
    /// The terminal's modes while the console is shown.
    var modes = termios()
    var styles: CellStyles
    private var pairs: [ColourPair: Int32] = [:]
    var shown: Canvas?

    private struct ColourPair: Hashable {
        var foreground: Int32
        var background: Int32
    }

    /// Time allowed between the bytes of an escape sequence.
    private static let escapeDelayMilliseconds: Int32 = 25
    /// Time for a frame; what a slower terminal does not take goes before the next frame.
    private static let frameMilliseconds = 50
    /// Time for what has to be written before the terminal belongs to another program.
    private static let leaveMilliseconds = 1000

    package init(_ options: Options) throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw ConsoleError("The console needs a terminal. Scripts use the verbs; see switchback --help.")
        }
        let found = TerminalKind(variables: CursesTerminal.environment()).presentation()
        switch found {
        case .lines(_, let reason): throw ConsoleError(reason)
        case .screen(let kind, let warning): (self.kind, self.warning) = (kind, warning)
        }
        self.options = options
        isUTF8 = CursesTerminal.chooseLocale()
        symbols = CursesTerminal.symbols(options, isUTF8: isUTF8, type: kind.type)
        set_escdelay(CursesTerminal.escapeDelayMilliseconds)
        crashGuard = CrashGuard()
        let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        // Sound: curses keeps the file and the screen until `close` frees them.
        guard descriptor >= 0, let output = unsafe fdopen(descriptor, "w"),
            let screen = unsafe sb_open(kind.type, output)
        else {
            crashGuard.end()
            throw ConsoleError("The console cannot use a terminal of type \(kind.type).")
        }
        unsafe self.output = output
        unsafe self.screen = screen
        sb_set_modes()
        // Sound: one structure of ours.
        unsafe tcgetattr(STDIN_FILENO, &modes)
        // Sound: the pad lives until `close`. Nothing but a lack of memory prevents one of the two.
        guard let capture = FrameCapture(of: descriptor),
            let keys = unsafe sb_prepare(kind.wantsColours ? 1 : 0)
        else {
            endwin()
            unsafe delscreen(screen)
            unsafe fclose(output)
            crashGuard.restoreSettings()
            crashGuard.end()
            throw ConsoleError("The console cannot keep a frame in memory.")
        }
        self.capture = capture
        unsafe self.keys = keys
        depth = kind.depth(colours: Int(sb_colours()))
        styles = CellStyles(theme: options.theme, depth: depth, sequence: CursesTerminal.colourSequence)
        writer = TerminalWriter(terminal: STDOUT_FILENO)
        errorOutput = ErrorOutput(to: options.errorLog)
        crashGuard.setLeave(CursesTerminal.leaveSequence())
        if let errorOutput { crashGuard.watch(errorOutput) }
        setInputModes(on: true)
    }

    package var size: (rows: Int, columns: Int) { (Int(sb_rows()), Int(sb_columns())) }

    /// Whether the terminal has not taken all of a frame yet. The next drawing tries again.
    package var isBehind: Bool { !writer.isClear }

    /// How often the terminal was written to so far, and how many bytes it took.
    package var written: TerminalWriter.Counts { writer.counts }

    /// Reads the terminal's current size.
    package func measure() {
        var size = winsize()
        // Sound: ioctl fills this structure for this request.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0
        else { return }
        resizeterm(Int32(size.ws_row), Int32(size.ws_col))
        redraw()
    }

    /// Clears the screen, so that the next drawing writes all of it.
    package func redraw() {
        sb_clear()
        shown = nil
    }

    /// Paints with another theme from the next drawing on.
    package func setTheme(_ theme: Theme) {
        styles = CellStyles(theme: theme, depth: depth, sequence: CursesTerminal.colourSequence)
        options.theme = theme
        symbols = CursesTerminal.symbols(options, isUTF8: isUTF8, type: kind.type)
        redraw()
    }

    /// Takes other settings of the operator over, all but the theme.
    package func setSettings(_ settings: ConsoleSettings) {
        setInputModes(on: false)
        options.settings = settings
        setInputModes(on: true)
        symbols = CursesTerminal.symbols(options, isUTF8: isUTF8, type: kind.type)
        redraw()
    }

    /// Writes what changed, by one write. While the terminal has not taken the frame before, nothing is
    /// composed: the next drawing catches up.
    package func draw(_ canvas: Canvas) {
        guard writer.flush(waitingMilliseconds: 0), shown != canvas else { return }
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
        let frame = styles.translated(capture.take())
        guard !frame.isEmpty else { return }
        let isHeldBack = kind.takesSynchronizedOutput
        let begin = isHeldBack ? Array("\u{1B}[?2026h".utf8) : []
        let end = isHeldBack ? Array("\u{1B}[?2026l".utf8) : []
        writer.write(begin + frame + end, waitingMilliseconds: CursesTerminal.frameMilliseconds)
    }

    /// Writes what is no part of a frame. Returns whether the terminal has taken it.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        writer.write(bytes, waitingMilliseconds: CursesTerminal.leaveMilliseconds)
    }

    private func put(_ cell: Cell, row: Int, column: Int) {
        let style = styles.style(of: cell.token, onPanel: cell.onPanel)
        let text = shownText(of: cell, symbols: symbols, isUTF8: isUTF8)
        let pair = pair(ColourPair(foreground: style.foreground, background: style.background))
        let attributes = CursesTerminal.bits(of: style.attributes)
        guard text.utf8.count > 1, text.utf8.allSatisfy({ $0 < 0x80 }) else {
            let scalars = text.unicodeScalars.map(\.value)
            // Sound: curses copies the scalars during the call.
            unsafe sb_put(
                Int32(row), Int32(column), scalars, Int32(scalars.count), Int32(cell.width), attributes, pair)
            return
        }
        // Question marks in place of a wide character.
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            // Sound: as above.
            unsafe sb_put(Int32(row), Int32(column + offset), [scalar.value], 1, 1, attributes, pair)
        }
    }

    private func pair(_ colours: ColourPair) -> Int32 {
        if colours.foreground < 0, colours.background < 0 { return 0 }
        if let known = pairs[colours] { return known }
        let pair = max(0, alloc_pair(colours.foreground, colours.background))
        pairs[colours] = pair
        return pair
    }

    private static func bits(of attributes: Attributes) -> UInt32 {
        var bits: UInt32 = 0
        if attributes.contains(.bold) { bits |= sb_bold() }
        if attributes.contains(.dim) { bits |= sb_dim() }
        if attributes.contains(.italic) { bits |= sb_italic() }
        if attributes.contains(.underline) { bits |= sb_underline() }
        if attributes.contains(.reverse) { bits |= sb_reverse() }
        return bits
    }

    private static func symbols(_ options: Options, isUTF8: Bool, type: String) -> Symbols {
        Symbols(
            options.settings.symbols ?? options.theme.symbols,
            options.settings.graphs ?? options.theme.graphs,
            isUTF8: isUTF8, terminalType: type)
    }
}
