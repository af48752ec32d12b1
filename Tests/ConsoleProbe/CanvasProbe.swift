import Console
import Foundation
import Glibc

/// The console's terminal without the console: `consoleprobe canvas <name>` draws one canvas and obeys keys.
/// At the end it prints what each drawing wrote.
struct CanvasProbe {
    private let terminal: CursesTerminal
    private let signals: Signals
    private let name: String
    private let stateDirectory: String
    /// The page that is drawn; nil for a canvas of the probe's own.
    private let page: PageScene?
    private var line = ""
    private var frames: [TerminalWriter.Counts] = []

    init(_ name: String, theme: Theme, stateDirectory: String) throws {
        self.name = name
        self.stateDirectory = stateDirectory
        page = PageScene(name)
        signals = try Signals()
        let variables = ProcessInfo.processInfo.environment
        var settings = ConsoleSettings()
        settings.mouse = variables["PROBE_MOUSE"] != nil
        settings.graphs = variables["PROBE_GRAPHS"].flatMap { GraphChoice(rawValue: $0) }
        settings.symbols = variables["PROBE_SYMBOLS"].flatMap { SymbolChoice(rawValue: $0) }
        terminal = try CursesTerminal(
            CursesTerminal.Options(
                theme: theme, settings: settings, errorLog: stateDirectory + "/errors.log",
                stateDirectory: stateDirectory))
    }

    mutating func run() throws {
        line = terminal.warning ?? ""
        var isLeaving = false
        draw()
        while !isLeaving {
            var descriptors = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
            ]
            // Sound: the array has two structures, as the call says.
            _ = unsafe poll(&descriptors, 2, -1)
            for wake in signals.takeWakes() {
                switch wake {
                case .resize: terminal.measure()
                case .leave: isLeaving = true
                case .suspend: terminal.suspend()
                }
            }
            while !isLeaving, let input = terminal.nextInput() {
                switch input {
                case .mouse(let event):
                    line = "mouse \(event.button) \(event.row) \(event.column) \(event.isRelease)"
                case .key(.character("q")): isLeaving = true
                case .key(let key): try obey(key)
                }
            }
            draw()
        }
        terminal.close()
        signals.end()
        for (index, frame) in frames.enumerated() {
            print("frame \(index + 1): \(frame.writes) write(s), \(frame.bytes) bytes")
        }
    }

    private mutating func obey(_ key: KeyEvent) throws {
        switch key {
        case .control("z"): terminal.suspend()
        case .control("l"): terminal.redraw()
        case .character("c"): show(terminal.copy("text with ✓"))
        case .character("C"): show(terminal.copy(String(repeating: "x", count: Clipboard.bytesMax + 1)))
        case .character("e"):
            FileHandle.standardError.write(Data("said on \u{1B}[31mstandard error\n".utf8))
            line = "said"
        case .character("x"): fatalError("the probe was told to crash")
        case .character("h"):
            print("\u{7}", terminator: "")
            fflush(nil)
            while true { pause() }
        case .character("s"):
            let paths = try terminal.screenshot(page: name, moment: 0, utcOffset: 0)
            line = String((paths?.text ?? "").dropFirst(stateDirectory.count))
        default: line = "key \(key.name)"
        }
    }

    private mutating func show(_ outcome: Clipboard.Outcome) {
        switch outcome {
        case .sent(let characters): line = "sent \(characters) characters"
        case .written(_, let reason): line = "written: \(reason)"
        case .failed(let reason): line = "failed: \(reason)"
        }
    }

    private mutating func draw() {
        let before = terminal.written
        terminal.draw(canvas())
        let after = terminal.written
        frames.append(
            TerminalWriter.Counts(
                writes: after.writes - before.writes, bytes: after.bytes - before.bytes))
    }

    private func canvas() -> Canvas {
        let size = terminal.size
        var canvas = Canvas(rows: size.rows, columns: size.columns, symbols: terminal.symbols)
        if let page {
            page.draw(onto: &canvas)
            canvas.writeRight(line, row: size.rows - 1, endColumn: size.columns - 1)
            return canvas
        }
        switch name {
        case "tokens": CanvasProbe.drawTokens(&canvas)
        case "graphs": CanvasProbe.drawGraphs(&canvas)
        default: CanvasProbe.drawNames(&canvas)
        }
        canvas.write(line, row: size.rows - 1, column: 0)
        return canvas
    }

    private static func drawTokens(_ canvas: inout Canvas) {
        canvas.fill(canvas.area, token: .background)
        for (index, token) in Token.allCases.enumerated() {
            canvas.write(token.rawValue, row: index % 20, column: index / 20 * 24, token: token)
        }
        let dialog = Rectangle(row: 12, column: 56, rows: 6, columns: 22)
        canvas.fill(dialog, token: .panel)
        canvas.box(dialog, title: "Dialog", token: .borderFocus)
        canvas.write("✓ on a panel", row: 14, column: 58, token: .statusOK)
        canvas.write("plain", row: 15, column: 58)
    }

    private static func drawGraphs(_ canvas: inout Canvas) {
        canvas.box(canvas.area, title: "Graphs")
        let samples = (0..<120).map { number -> Double? in
            number % 20 == 7 ? nil : Double(number * number % 37)
        }
        let wave = Sparkline(samples)
        canvas.sparkline(wave, in: Rectangle(row: 1, column: 2, rows: 1, columns: 40))
        canvas.sparkline(wave, in: Rectangle(row: 3, column: 2, rows: 4, columns: 40), token: .chart2)
        let shares: [Double?] = [nil, 0, 0.001, 0.33, 0.5, 0.999, 1]
        for (index, share) in shares.enumerated() {
            canvas.bar(Bar(share: share), row: 8 + index, column: 2, columns: 20)
        }
        canvas.write("✓ done ▶ current · to come ⊘ skipped ✗ fault → … ‖ ↺ ●", row: 16, column: 2)
    }

    private static func drawNames(_ canvas: inout Canvas) {
        let names = [
            "public.订单", "한글 테이블", "naïve e\u{301}", "👨‍👩‍👧‍👦 family", "🇩🇪 flag", "❤️ heart", "👍🏽 thumb",
            "evil\u{1B}[2Jname\u{7}", "right\u{202E}left", "zero\u{200B}width", "ｆｕｌｌ", "مرحبا", "हिन्दी",
            "\u{9B}31mred",
            "tab\there", "\u{1F9D1}\u{200D}\u{1F680} astronaut", "1️⃣ keycap", "☺︎ ☺️",
            "\u{FFFE}\u{E000} private",
        ]
        for (index, name) in names.enumerated() {
            let end = canvas.write(name, row: index, column: 2)
            canvas.write("|", row: index, column: end, token: .border)
            canvas.write("|", row: index, column: 40, token: .border)
        }
    }
}
