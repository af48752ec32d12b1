import CVTerm
import Glibc

/// A program on a pseudo-terminal with libvterm as the screen: a test sends keys and waits for a text.
/// Nothing here sleeps for a fixed time: every wait ends with its condition or with a failure that shows the
/// screen.
///
/// Sound, for every `unsafe` below: the pointers are libvterm's, created in `init` and freed in `deinit`;
/// buffers for C live through the call.
@safe package final class PseudoTerminal {
    private let terminal: OpaquePointer
    private let cells: OpaquePointer
    private let descriptor: Int32
    package let processID: Int32
    package private(set) var rows: Int
    package private(set) var columns: Int
    /// The number of bytes that the program has written so far.
    package var bytesReceived: Int { received.count }
    /// The bytes that the program has written so far.
    package private(set) var received: [UInt8] = []
    /// The status from `waitpid` after the program's end.
    private var waitStatus: Int32?

    package init(
        executable: String, arguments: [String] = [], environment: [String: String] = [:], rows: Int = 24,
        columns: Int = 80
    ) throws {
        self.rows = rows
        self.columns = columns
        var name = [CChar](repeating: 0, count: 128)
        descriptor = unsafe sb_open_pseudo_terminal(&name, name.count, Int32(rows), Int32(columns))
        guard descriptor >= 0 else {
            throw PseudoTerminalError("no pseudo-terminal can be opened (error \(errno))")
        }
        guard let terminal = unsafe vterm_new(Int32(rows), Int32(columns)),
            let cells = unsafe vterm_obtain_screen(terminal)
        else { throw PseudoTerminalError("libvterm gives no screen") }
        unsafe self.terminal = terminal
        unsafe self.cells = cells
        unsafe vterm_set_utf8(terminal, 1)
        unsafe vterm_screen_enable_altscreen(cells, 1)
        unsafe vterm_screen_reset(cells, 1)
        var variables = ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"]
        variables["SWIFT_BACKTRACE"] = "interactive=no,color=no"
        variables.merge(environment) { $1 }
        var process: pid_t = 0
        let argumentStrings = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
        let environmentStrings = unsafe variables.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer { unsafe (argumentStrings + environmentStrings).forEach { unsafe free($0) } }
        let error = unsafe sb_spawn_on_terminal(
            executable, argumentStrings, environmentStrings, name, &process)
        processID = process
        guard error == 0 else {
            throw PseudoTerminalError("\(executable) cannot be started (error \(error))")
        }
    }

    deinit {
        terminate()
        close(descriptor)
        unsafe vterm_free(terminal)
    }

    /// Types the text; keys that are not characters are given as escape sequences, see `Key`.
    package func send(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = unsafe write(descriptor, bytes, bytes.count)
    }

    package func resize(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        unsafe vterm_set_size(terminal, Int32(rows), Int32(columns))
        _ = sb_resize_pseudo_terminal(descriptor, Int32(rows), Int32(columns))
    }

    /// Returns the current screen: a string for each row, without trailing spaces.
    package func screen() -> [String] {
        while pump(milliseconds: 0) {}
        return (0..<rows).map { row in
            var line = ""
            for column in 0..<columns {
                var scalars = [UInt32](repeating: 0, count: Int(VTERM_MAX_CHARS_PER_CELL))
                guard unsafe sb_cell(cells, Int32(row), Int32(column), &scalars) > 0 else { continue }
                if scalars[0] == 0 { line += " " }
                for scalar in scalars.prefix(while: { $0 != 0 }) {
                    if let scalar = Unicode.Scalar(scalar) { line.unicodeScalars.append(scalar) }
                }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// Returns the palette index of the text at a cell; nil for the terminal's own colour.
    package func colour(row: Int, column: Int) -> Int? {
        let index = unsafe sb_cell_foreground(cells, Int32(row), Int32(column))
        return index == -1 ? nil : Int(index)
    }

    /// Returns the cells whose style is not plain, as runs: `r4 40-46 fg=208 bg=- bold`. A dash is the
    /// terminal's own colour. Columns count from 0, and the last one belongs to the run.
    package func styles() -> [String] {
        while pump(milliseconds: 0) {}
        var runs: [String] = []
        for row in 0..<rows {
            var start = 0
            var current = style(row: row, column: 0)
            for column in 1...columns {
                let next = column < columns ? style(row: row, column: column) : nil
                if next == current { continue }
                if let current, current != PseudoTerminal.plainStyle {
                    runs.append("r\(row) \(start)-\(column - 1) \(current)")
                }
                (start, current) = (column, next)
            }
        }
        return runs
    }

    private static let plainStyle = "fg=- bg=-"

    private func style(row: Int, column: Int) -> String? {
        var foreground: Int32 = 0
        var background: Int32 = 0
        let bits = unsafe sb_cell_style(cells, Int32(row), Int32(column), &foreground, &background)
        guard bits >= 0 else { return nil }
        func name(_ colour: Int32) -> String {
            if colour < 0 { return "-" }
            if colour < 256 { return String(colour) }
            let digits = String(colour & 0xFFFFFF, radix: 16)
            return "#" + String(repeating: "0", count: 6 - digits.count) + digits
        }
        let attributes = [(1, "bold"), (4, "italic"), (8, "underline"), (16, "reverse")]
            .filter { bits & Int32($0.0) != 0 }.map(\.1)
        return (["fg=" + name(foreground), "bg=" + name(background)] + attributes).joined(separator: " ")
    }

    /// Returns the characters of a cell, a space for an empty one; empty for the right half of a wide
    /// character.
    package func character(row: Int, column: Int) -> String {
        while pump(milliseconds: 0) {}
        var scalars = [UInt32](repeating: 0, count: Int(VTERM_MAX_CHARS_PER_CELL))
        guard unsafe sb_cell(cells, Int32(row), Int32(column), &scalars) > 0 else { return "" }
        if scalars[0] == 0 { return " " }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.prefix { $0 != 0 }.compactMap(Unicode.Scalar.init))
        return String(text)
    }

    /// Whether the terminal shows what is typed and hands it on in lines, as a shell expects.
    package var isCooked: Bool { sb_is_cooked(descriptor) == 1 }

    /// Reads the program's output until the bytes contain a text.
    package func waitForBytes(_ text: String, timeout seconds: Double = 10) throws {
        let wanted = Array(text.utf8)
        try waitFor(timeout: seconds) { _ in received.contains(wanted) }
    }

    /// Reads the program's output until the predicate is true for the screen. Throws with the screen if that
    /// does not happen within the time or before the program's end.
    package func waitFor(timeout seconds: Double = 10, _ predicate: ([String]) -> Bool) throws {
        let deadline = Deadline(seconds: seconds)
        while true {
            let lines = screen()
            if predicate(lines) { return }
            guard deadline.millisecondsLeft > 0 else {
                throw PseudoTerminalError(
                    "not seen within \(seconds) s; the screen was:\n" + lines.joined(separator: "\n"))
            }
            if !pump(milliseconds: min(100, deadline.millisecondsLeft)), hasEnded {
                let last = screen()
                if predicate(last) { return }
                throw PseudoTerminalError(
                    "the program ended (status \(exitStatus ?? -1)); the screen was:\n"
                        + last.joined(separator: "\n"))
            }
        }
    }

    /// Waits until a row has the text.
    package func waitFor(_ text: String, timeout seconds: Double = 10) throws {
        do {
            try waitFor(timeout: seconds) { $0.contains { $0.contains(text) } }
        } catch let error as PseudoTerminalError {
            throw PseudoTerminalError("“\(text)”: \(error)")
        }
    }

    /// Waits for the program's end and returns its exit status; 128 plus the signal's number if a signal
    /// ended it.
    package func waitForEnd(timeout seconds: Double = 10) throws -> Int32 {
        let deadline = Deadline(seconds: seconds)
        while !hasEnded {
            _ = pump(milliseconds: min(20, max(1, deadline.millisecondsLeft)))
            if deadline.millisecondsLeft <= 0 {
                throw PseudoTerminalError(
                    "the program did not end within \(seconds) s; the screen was:\n"
                        + screen().joined(separator: "\n"))
            }
        }
        while pump(milliseconds: 0) {}
        return exitStatus ?? -1
    }

    /// Reads for at most that time and returns the number of bytes, to show that nothing is written.
    package func bytesWritten(withinMilliseconds milliseconds: Int) -> Int {
        let before = bytesReceived
        let deadline = Deadline(seconds: Double(milliseconds) / 1000)
        while deadline.millisecondsLeft > 0 { _ = pump(milliseconds: deadline.millisecondsLeft) }
        return bytesReceived - before
    }

    package var hasEnded: Bool {
        if waitStatus != nil { return true }
        var status: Int32 = 0
        guard unsafe waitpid(processID, &status, WNOHANG) == processID else { return false }
        waitStatus = status
        return true
    }

    package var exitStatus: Int32? {
        waitStatus.map { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : 128 + ($0 & 0x7F) }
    }

    /// Kills the program.
    package func terminate() {
        guard !hasEnded else { return }
        kill(processID, SIGKILL)
        var status: Int32 = 0
        if unsafe waitpid(processID, &status, 0) == processID { waitStatus = status }
    }

    /// Writes the program's output to the screen; false if none came in time.
    private func pump(milliseconds: Int) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&ready, 1, Int32(milliseconds)) > 0, ready.revents & Int16(POLLIN) != 0 else {
            // After its program's end a terminal is always readable; the pause avoids a busy loop.
            if ready.revents != 0, milliseconds > 0 { usleep(1000) }
            return false
        }
        var buffer = [CChar](repeating: 0, count: 65536)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return false }
        received += buffer.prefix(count).map { UInt8(bitPattern: $0) }
        _ = unsafe vterm_input_write(terminal, buffer, count)
        // The terminal's answers to queries of the program.
        var answer = [CChar](repeating: 0, count: 1024)
        let length = unsafe vterm_output_read(terminal, &answer, answer.count)
        if length > 0 { _ = unsafe write(descriptor, answer, length) }
        return true
    }
}

/// Keys as xterm sends them to a program that requested application mode.
package enum Key {
    package static let enter = "\r"
    package static let tab = "\t"
    package static let backTab = "\u{1B}[Z"
    package static let escape = "\u{1B}"
    package static let up = "\u{1B}OA"
    package static let down = "\u{1B}OB"
    package static let right = "\u{1B}OC"
    package static let left = "\u{1B}OD"
    package static let pageUp = "\u{1B}[5~"
    package static let pageDown = "\u{1B}[6~"
    package static let backspace = "\u{7F}"

    /// Returns a control key, named by its letter.
    package static func control(_ letter: Character) -> String {
        letter.asciiValue.map { String(Unicode.Scalar($0 & 0x1F)) } ?? ""
    }

    /// Returns text as a terminal sends it after a paste.
    package static func paste(_ text: String) -> String { "\u{1B}[200~" + text + "\u{1B}[201~" }
}

/// The error for a terminal that cannot be opened, or a screen that does not come.
package struct PseudoTerminalError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Returns the time of the monotonic clock.
private struct Deadline {
    private let end: ContinuousClock.Instant

    init(seconds: Double) { end = ContinuousClock.now + .seconds(seconds) }

    var millisecondsLeft: Int {
        let left = end - ContinuousClock.now
        return max(
            0, Int(left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000))
    }
}
