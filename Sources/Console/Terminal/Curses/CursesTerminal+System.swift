import CNcurses
import Glibc

// What the terminal's description, the locale and the environment say.

extension CursesTerminal {
    /// Returns what curses writes to choose a colour; nil where the terminal has none.
    static func colourSequence(index: Int16, ofBackground: Bool) -> [UInt8]? {
        // Sound: the string lives until the next call, and is copied before it.
        guard let sequence = unsafe sb_colour_sequence(Int32(index), ofBackground ? 1 : 0) else { return nil }
        return unsafe Array(String(cString: sequence).utf8)
    }

    /// Returns what leaves this terminal's screen after a crash, by its own description.
    static func leaveSequence() -> String {
        endOfModes
            + ["rmcup", "cnorm", "op", "sgr0", "rmkx"].compactMap { name -> String? in
                // Sound: as above.
                guard let capability = unsafe sb_capability(name) else { return nil }
                return withoutPauses(unsafe String(cString: capability))
            }.joined()
    }

    /// Returns a capability without the pauses that a description has for terminals on slow lines: `$<5/>`.
    static func withoutPauses(_ capability: String) -> String {
        capability.replacing(#/\$<[0-9.]*[*/]*>/#, with: "")
    }

    /// Sets the locale of the environment. Returns whether its characters are UTF-8.
    static func chooseLocale() -> Bool {
        // Sound: both calls return strings of the C library that live until the next call.
        unsafe setlocale(LC_CTYPE, "")
        guard let codeset = unsafe nl_langinfo(Int32(CODESET)) else { return false }
        return unsafe String(cString: codeset) == "UTF-8"
    }

    /// Returns the variables that tell about the terminal.
    static func environment() -> [String: String] { variables(TerminalKind.variableNames) }

    /// Returns those of these variables of the environment that are set.
    static func variables(_ names: [String]) -> [String: String] {
        var variables: [String: String] = [:]
        for name in names {
            // Sound: the environment is read on the main thread before anything could change it.
            if let value = unsafe getenv(name) { variables[name] = unsafe String(cString: value) }
        }
        return variables
    }

    static func writeError(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        // Sound: the array lives through the call. Nothing is left to do where standard error is gone.
        _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
    }
}
